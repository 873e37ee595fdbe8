#include "server/http/request_head.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace convoy::http {
namespace {

constexpr size_t kMaxTargetBytes = 4096;
constexpr size_t kMaxHeaders = 100;

// What names of methods and headers are made of (RFC 9110, 5.6.2).
bool IsToken(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsControl(char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; }

std::string_view Stripped(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// Takes the text up to the next `end` from the front of `text`, and `end` with it.
std::optional<std::string_view> TakeUntil(std::string_view end, std::string_view& text) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return taken;
}

// "%41" and the like become the byte; nullopt for a "%" without two hexadecimal digits.
std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* const digits = text.data() + i + 1;
    if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

// Fills `request`'s path and query. The target is a path, or a whole URL as proxies send it.
std::optional<HttpError> ParseTarget(std::string_view target, Request& request) {
  if (target.size() > kMaxTargetBytes) {
    return HttpError{414, absl::StrCat("the path is longer than ", kMaxTargetBytes, " bytes")};
  }
  constexpr std::string_view kScheme = "http://";
  if (target.substr(0, kScheme.size()) == kScheme) {
    target.remove_prefix(kScheme.size());
    const size_t slash = target.find('/');
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  if (target.empty() || target.front() != '/') {
    return HttpError{400, "the request line has no path that begins with /"};
  }
  const size_t mark = target.find('?');
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  std::string_view path = target.substr(0, mark).substr(1);
  if (path.empty()) return std::nullopt;  // "/"
  while (true) {
    const std::optional<std::string_view> segment = TakeUntil("/", path);
    std::optional<std::string> decoded = PercentDecoded(segment.value_or(path));
    if (!decoded) return HttpError{400, "the path has a % without two hexadecimal digits"};
    request.path.push_back(*std::move(decoded));
    if (!segment) return std::nullopt;
  }
}

// "GET /metrics HTTP/1.1"
std::optional<HttpError> ParseRequestLine(std::string_view line, RequestHead& head) {
  const std::optional<std::string_view> method = TakeUntil(" ", line);
  const std::optional<std::string_view> target = method ? TakeUntil(" ", line) : std::nullopt;
  if (!target || target->empty() || !IsToken(*method) ||
      std::any_of(target->begin(), target->end(), IsControl)) {
    return HttpError{400, "the request line is not METHOD PATH HTTP/1.1"};
  }
  if (line != "HTTP/1.1" && line != "HTTP/1.0") {
    return HttpError{505, "expected HTTP/1.0 or HTTP/1.1"};
  }
  head.keep_alive = line == "HTTP/1.1";
  head.request.method = *method;
  return ParseTarget(*target, head.request);
}

std::optional<HttpError> ParseHeader(std::string_view line, Request& request) {
  const std::optional<std::string_view> name = TakeUntil(":", line);
  const std::string_view value = Stripped(line);
  if (!name || !IsToken(*name) || std::any_of(value.begin(), value.end(), IsControl)) {
    return HttpError{400, "a header line is not NAME: VALUE"};
  }
  if (request.headers.size() == kMaxHeaders) {
    return HttpError{431, absl::StrCat("more than ", kMaxHeaders, " headers")};
  }
  request.headers.emplace_back(absl::AsciiStrToLower({name->data(), name->size()}), value);
  return std::nullopt;
}

// True when the list `value`, "keep-alive, Upgrade", has `token`.
bool Names(absl::string_view value, absl::string_view token) {
  for (const absl::string_view each : absl::StrSplit(value, ',')) {
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(each), token)) return true;
  }
  return false;
}

// What the headers say about the body and the connection.
std::optional<HttpError> ReadFraming(RequestHead& head) {
  bool has_length = false;
  for (const auto& [name, value] : head.request.headers) {
    if (name == "content-length") {
      if (std::exchange(has_length, true) || !IsNumber(value)) {
        return HttpError{400, "Content-Length is not one whole number"};
      }
      // No body is as long as the largest number.
      uint64_t bytes = std::numeric_limits<uint64_t>::max();
      std::from_chars(value.data(), value.data() + value.size(), bytes);
      head.has_body = head.has_body || bytes > 0;
      if (head.body_bytes.has_value()) head.body_bytes = bytes;
    } else if (name == "transfer-encoding") {
      head.has_body = true;
      head.body_bytes.reset();
    } else if (name == "expect") {
      if (Names(value, "100-continue")) head.expects_continue = true;
    } else if (name == "connection") {
      if (Names(value, "keep-alive")) head.keep_alive = true;
      if (Names(value, "close")) head.keep_alive = false;
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<RequestHead, HttpError> ParseRequestHead(std::string_view text) {
  RequestHead head;
  std::optional<HttpError> error;
  bool first = true;
  while (!error) {
    const std::optional<std::string_view> line = TakeUntil("\r\n", text);
    if (!line) return HttpError{400, "a line does not end with CR LF"};
    if (line->empty() && !first) break;
    error = first ? ParseRequestLine(*line, head) : ParseHeader(*line, head.request);
    first = false;
  }
  if (!error) error = ReadFraming(head);
  if (error) return *std::move(error);
  return head;
}

}  // namespace convoy::http
