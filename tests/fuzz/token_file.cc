// A token file: who may do what, or an error.
#include <string>

#include "server/access/access_list.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using convoy::testing::Require;
  const auto list = convoy::access::AccessList::Parse(convoy::testing::TextOf(data, size));
  if (!list.ok()) {
    Require(!list.status().message().empty(), "an error that says nothing");
    return 0;
  }
  Require(list->FindName("") == nullptr, "somebody without a name");
  Require(list->FindCertificate("") == nullptr, "a certificate without a name");
  const convoy::access::Grant* const a = list->FindName("a");
  if (a == nullptr) return 0;
  Require(list->size() > 0, "somebody in a list of nobody");
  Require(a->secret.has_value() || !a->certificate.empty(), "nothing to know them by");
  Require(a->limits.weight > 0, "no share");
  Require(!a->write || a->read, "writes and may not read");
  if (!a->certificate.empty()) {
    Require(list->FindCertificate(a->certificate) == a, "another's certificate");
  }
  return 0;
}
