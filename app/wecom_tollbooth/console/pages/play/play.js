export { Play as default } from "tollbooth-play";
