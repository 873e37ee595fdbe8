// The trace that a call belongs to, as its caller says.
#ifndef CONVOY_SERVER_RPC_TRACEPARENT_H_
#define CONVOY_SERVER_RPC_TRACEPARENT_H_

#include <optional>
#include <string_view>

namespace convoy::rpc {

// The metadata key: https://www.w3.org/TR/trace-context/, section 3.2.
inline constexpr char kTraceparent[] = "traceparent";

// Both in lower-case hexadecimal digits, 32 and 16 of them.
struct Traceparent {
  std::string_view trace_id;
  std::string_view parent_id;
};

// "00-<trace id>-<parent id>-<flags>", or a later version that begins like it. Nothing of
// what is not of that form, or has an id of zeros: it is to be ignored then. Refers to
// `text`.
std::optional<Traceparent> ParseTraceparent(std::string_view text);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TRACEPARENT_H_
