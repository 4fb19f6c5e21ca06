export { Phone as default } from "tollbooth-phone";
