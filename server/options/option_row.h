// One option's line in the table of all.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_ROW_H_
#define CONVOY_SERVER_OPTIONS_OPTION_ROW_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/options/option_checks.h"
#include "server/options/option_in_force.h"

namespace convoy {

// What the library knows of an option, and what it does not: its range, its unit,
// whether it may be changed while the server runs, where its value came from. The
// methods that define it can be chained, as the library's. Refers to the library's
// option and to the field that it fills.
class OptionRow {
 public:
  OptionRow(std::string name, std::string placeholder, CLI::Option* option,
            std::function<nlohmann::ordered_json()> value)
      : name_(std::move(name)),
        placeholder_(std::move(placeholder)),
        option_(option),
        value_(std::move(value)) {}

  // What the option takes, as it is checked and shown.
  OptionRow* check(OptionRange range) {
    range_ = std::move(range);
    option_->check(range_.check);
    return this;
  }
  // What no range describes: a name, an address.
  OptionRow* check(CLI::Validator validator) {
    option_->check(std::move(validator));
    return this;
  }
  OptionRow* transform(CLI::Validator validator) {
    option_->transform(std::move(validator));
    return this;
  }
  OptionRow* default_str(const std::string& text) {
    option_->default_str(text);
    return this;
  }
  // Several values with commas between them.
  OptionRow* list() {
    option_->delimiter(',')->allow_extra_args(false);
    return this;
  }
  // The server takes another value while it runs.
  OptionRow* changeable() {
    changeable_ = true;
    return this;
  }

  const std::string& name() const { return name_; }
  CLI::Option* option() const { return option_; }
  OptionSource source() const { return source_; }
  void set_source(OptionSource source) { source_ = source; }

  // Takes `text` in the place of what there is; throws CLI::Error when it cannot be taken.
  void Take(const std::string& text, OptionSource source) {
    option_->clear();
    option_->add_result(text);
    option_->run_callback();
    source_ = source;
  }

  OptionInForce InForce() const {
    return {.name = name_,
            .value = value_(),
            .source = source_,
            .unit = Unit(),
            .least = range_.least,
            .most = range_.most,
            .choices = range_.choices,
            .changeable = changeable_};
  }

 private:
  // The placeholders of --help that are units.
  std::string Unit() const {
    for (const char* const unit : {"BYTES", "SECONDS", "MILLISECONDS", "THREADS"}) {
      if (placeholder_ == unit) return absl::AsciiStrToLower(unit);
    }
    return "";
  }

  std::string name_;
  std::string placeholder_;  // for its value, in --help
  CLI::Option* option_;
  std::function<nlohmann::ordered_json()> value_;
  OptionRange range_;
  bool changeable_ = false;
  OptionSource source_ = OptionSource::kDefault;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_ROW_H_
