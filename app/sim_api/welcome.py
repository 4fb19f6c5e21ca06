"""The page that a browser sees first."""

from fastapi import APIRouter

router = APIRouter()
