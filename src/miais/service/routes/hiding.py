"""Hiding and restoring: what makes pictures."""

from functools import lru_cache, partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response
from pydantic.json_schema import SkipJsonSchema
from torch import Tensor

from miais.image import encode_png, resize
from miais.service.answers import CoverAnswer, Face, HideAnswer
from miais.service.covers import own_covers
from miais.service.gate import needs
from miais.service.gated_route import GatedRoute
from miais.service.measured import Measured
from miais.service.pictures import base64_png, change_between, examine
from miais.service.problems import Problem, problems
from miais.service.routes.requested import InWorkshop, key, prefers_json
from miais.service.workshop import Workshop

router = APIRouter(route_class=GatedRoute, dependencies=[key], tags=["pictures"])
Missing = SkipJsonSchema[None]  # a form has no null
_THUMBNAIL = 240
_PNG: dict[str, Any] = {"image/png": {"schema": {"type": "string", "format": "binary"}}}


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


@router.get("/covers", openapi_extra=needs(audited=False), responses=problems(401, 422, 429, 503, 504))
async def covers(workshop: InWorkshop) -> list[CoverAnswer]:
    """List our own covers, photographs that scikit-image brings along, for whoever has none at hand."""
    return await workshop.do(_own_covers)


@router.post(
    "/hide",
    openapi_extra=needs("hide"),
    response_class=Response,
    responses={
        200: {
            "model": HideAnswer,
            "description": "The container: a PNG, or with `Accept: application/json` numbers and the PNG in base64.",
            "content": _PNG,
            "headers": {
                "Miais-PSNR-dB": _header("Of the container against its cover; missing where they are equal.", "66.3"),
                "Miais-MS-SSIM": _header("Likewise; missing for covers below 11 px a side.", "0.9999"),
                "Miais-StegExpose": _header("StegExpose's score; missing where it has none.", "0.03"),
                "Miais-Face": _header("With crop_face: left, top, width and height of the face.", "173,66,103,103"),
                "Miais-Faces": _header("With crop_face: how many faces the photograph shows.", "1"),
            },
        },
        **problems(400, 401, 403, 408, 413, 415, 422, 429, 503, 504),
    },
)
async def hide(
    request: Request,
    workshop: InWorkshop,
    secret: Annotated[bytes, File(description="The face to hide: PNG, JPEG, WebP, BMP or TIFF.")],
    cover: Annotated[bytes | Missing, File(description="The picture that will carry it, of any size.")] = None,
    cover_name: Annotated[
        str | None, Form(description="Instead of a cover, one of GET /covers.", examples=["coffee"])
    ] = None,
    crop_face: Annotated[
        bool, Form(description="Find the largest face in the secret and hide only that.", examples=[True])
    ] = False,
) -> Response:
    """Hide a face in an ordinary picture. The secret is neither kept nor logged, and never written to a disk."""
    small, face, notes = await _read_secret(workshop, secret, crop_face=crop_face)
    image, cover_notes = await _read_cover(workshop, cover, cover_name)
    measured = await workshop.hide(small, image)
    if prefers_json(request):
        body = await workshop.do(lambda: _in_full(measured, image, face, [*notes, *cover_notes]))
        return Response(body, media_type="application/json")
    png, headers = await workshop.do(lambda: (encode_png(measured.container), _in_brief(measured, face)))
    return Response(png, media_type="image/png", headers=headers)


@router.post(
    "/restore",
    openapi_extra=needs("restore"),
    response_class=Response,
    responses={
        200: {"description": "The face, as far as it can be restored.", "content": _PNG},
        **problems(400, 401, 403, 408, 413, 415, 422, 429, 503, 504),
    },
)
async def restore(
    workshop: InWorkshop,
    container: Annotated[bytes, File(description="A PNG made by /hide of the same system.")],
) -> Response:
    """Restore the hidden face. Off unless the service was started with `--allow-restore`."""
    restored = await workshop.restore((await workshop.read(container, "container")).image, "container")
    return Response(await workshop.do(partial(encode_png, restored)), media_type="image/png")


async def _read_secret(workshop: Workshop, data: bytes, *, crop_face: bool) -> tuple[Tensor, Face | None, list[str]]:
    """Return the face at the system's size, so that nothing larger waits for the networks, and where it was."""
    picture = await workshop.read(data, "secret")
    image, face = picture.image, None
    if crop_face:
        framed = await workshop.find_face(image)
        left, top, width, height = (round(length) for length in framed.box)
        image, face = framed.image, Face(left=left, top=top, width=width, height=height, faces=1 + framed.others)
    side = workshop.system.card.image_size
    small = await workshop.do(partial(resize, image, (side, side)))
    return small, face, [f"secret: {note}" for note in picture.notes]


async def _read_cover(workshop: Workshop, data: bytes | None, name: str | None) -> tuple[Tensor, list[str]]:
    if (data is None) == (name is None):
        got = "neither" if data is None else "both"
        raise Problem(422, f"expected either a cover or a cover_name, got {got}; send one of them")
    if data is not None:
        picture = await workshop.read(data, "cover")
        return picture.image, [f"cover: {note}" for note in picture.notes]
    known = await workshop.do(own_covers)
    if name not in known:
        raise Problem(422, f"cover_name: expected one of {', '.join(known)}")
    return known[name].image, []


def _in_full(measured: Measured, cover: Tensor, face: Face | None, notes: list[str]) -> str:
    container = measured.container
    answer = HideAnswer(
        container=base64_png(container),
        change=base64_png(change_between(container, cover)),
        width=container.shape[-1],
        height=container.shape[-2],
        psnr_db=measured.psnr_db,
        ms_ssim=measured.ms_ssim,
        stegexpose=examine(container),
        face=face,
        notes=notes,
    )
    return answer.model_dump_json()


def _in_brief(measured: Measured, face: Face | None) -> dict[str, str]:
    numbers = {
        "Miais-PSNR-dB": measured.psnr_db,
        "Miais-MS-SSIM": measured.ms_ssim,
        "Miais-StegExpose": examine(measured.container).score,
    }
    brief = {name: f"{number:.6g}" for name, number in numbers.items() if number is not None}
    if face is not None:
        brief["Miais-Face"] = f"{face.left},{face.top},{face.width},{face.height}"
        brief["Miais-Faces"] = str(face.faces)
    return brief


@lru_cache(maxsize=1)
def _own_covers() -> list[CoverAnswer]:
    answers = []
    for cover in own_covers().values():
        height, width = cover.image.shape[-2:]
        small = resize(cover.image, (round(_THUMBNAIL * height / width), _THUMBNAIL))
        answers.append(
            CoverAnswer(name=cover.name, what=cover.what, width=width, height=height, thumbnail=base64_png(small))
        )
    return answers
