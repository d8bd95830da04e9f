#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sends a request's body back, without a length: the answer ends with its connection.
printf 'Content-Type: %s\r\nX-Method: %s\r\n\r\n' "${CONTENT_TYPE:-text/plain}" "$REQUEST_METHOD"
exec head -c "${CONTENT_LENGTH:-0}"
