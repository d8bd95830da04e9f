# SPDX-License-Identifier: Apache-2.0
"""Forms as Python reads and writes them, for the tests.

forms.py read FOLDER PARSER    prints what PARSER (email, cgi, urllib) finds in FOLDER/body, whose media type
                               is in FOLDER/type: a line per part: name, file name or -, media type or -,
                               content; all in hex
forms.py write FOLDER          writes the mail that Python makes of FOLDER/1, FOLDER/2, ... to FOLDER/body and
                               its media type to FOLDER/type
"""

import email
import email.mime.application
import email.mime.multipart
import email.mime.text
import email.policy
import os
import pathlib
import sys
import urllib.parse


def shown(text):
    """In hex; what is no UTF-8 comes back from where email and cgi hide it."""
    if text is None:
        return "-"
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogateescape")
    return text.hex() or "."


def line(name, file_name, media_type, content):
    print(shown(name), shown(file_name), shown(media_type), shown(content))


def read_email(body, media_type):
    head = b"Content-Type: " + media_type.encode() + b"\r\n\r\n"
    message = email.message_from_bytes(head + body)
    assert message.is_multipart() and not message.defects, message.defects
    for part in message.get_payload():
        assert not part.defects, part.defects
        # A raw UTF-8 header is an email.header.Header here; its text is asked for byte by byte.
        raw = dict((k.lower(), v) for k, v in part.raw_items()).get("content-disposition", "")
        disposition = email.message.Message()
        disposition["Content-Disposition"] = raw.encode("utf-8", "surrogateescape").decode("latin-1")
        name, file_name = (disposition.get_param(key, header="content-disposition") for key in ("name", "filename"))
        back = lambda text: None if text is None else text.encode("latin-1")  # noqa: E731
        line(back(name), back(file_name), part.get("Content-Type"), part.get_payload(decode=True))


def read_cgi(body, media_type):
    import cgi  # until Python 3.13
    import io

    environment = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": media_type, "CONTENT_LENGTH": str(len(body))}
    storage = cgi.FieldStorage(io.BytesIO(body), environ=environment, keep_blank_values=True)
    for field in storage.list or []:
        content = field.file.read() if field.file else field.value
        line(field.name, field.disposition_options.get("filename"), field.headers.get("content-type"), content)


def read_urllib(body, _media_type):
    for name, value in urllib.parse.parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body)):
        line(name, None, None, value)


def write(folder):
    message = email.mime.multipart.MIMEMultipart("form-data")
    for file in sorted(path for path in folder.iterdir() if path.name.isdigit()):
        content = file.read_bytes()
        part = email.mime.application.MIMEApplication(content, "x-number", email.encoders.encode_noop)
        # Long enough to be folded.
        part.add_header("Content-Disposition", "form-data", name=f"field {file.name}", filename="f" * 60)
        message.attach(part)
    whole = message.as_bytes(policy=email.policy.SMTP.clone(cte_type="8bit"))
    head, _, body = whole.partition(b"\r\n\r\n")
    (folder / "type").write_text(email.message_from_bytes(head)["Content-Type"].replace("\r\n", ""))
    (folder / "body").write_bytes(body)


def main():
    folder = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "write":
        write(folder)
    else:
        parser = {"email": read_email, "cgi": read_cgi, "urllib": read_urllib}[sys.argv[3]]
        try:
            parser((folder / "body").read_bytes(), (folder / "type").read_text())
        except ImportError:
            print("absent")
            return
    print("done")


if __name__ == "__main__":
    sys.exit(main())
