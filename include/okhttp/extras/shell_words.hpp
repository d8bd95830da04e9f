// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_SHELL_WORDS_HPP
#define OKHTTP_EXTRAS_SHELL_WORDS_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail::shell {

/// Appends the text as one word of a POSIX shell that means exactly it: in single quotes, or as it is where no
/// shell sees more in it. A text with control characters or bytes that are no UTF-8, which a terminal would act
/// on when the command is pasted or shown, becomes "$(printf '...')"; it must not hold a NUL nor end with LF then.
void append_quoted(std::string& out, std::string_view text);
/// The same, always in single quotes: for a text without control characters that is UTF-8.
void append_in_quotes(std::string& out, std::string_view text);

/// Appends the text as the format, in single quotes, with which printf writes these bytes, whatever they are.
void append_printf_format(std::string& out, std::string_view text);

/// True for UTF-8 without control characters other than LF.
bool is_plain_text(std::string_view text) noexcept;

/// A command in its words.
struct Command {
  /// Its standard input: what `printf '...' |` in front of it writes.
  std::optional<std::string> input;
  std::vector<std::string> words;
};

/// Takes one command apart as a POSIX shell does: blanks, '\', single and double quotes, comments, lines continued
/// by '\', and bash's $'...'. Expands nothing: where a shell would, and where a second command begins, it is an
/// error; but the two uses of printf above are understood. Globs and '~' are taken literally.
/// Errors: Errc::invalid_argument, with the position; never with text of the command.
Result<Command> split(std::string_view text);

}  // namespace detail::shell
OKHTTP_NAMESPACE_END

#include <okhttp/extras/shell_words.ipp>

#endif  // OKHTTP_EXTRAS_SHELL_WORDS_HPP
