#include "kernel/keras/initializer_json.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/argument_checks.h"
#include "kernel/keras/keras_arguments.h"
#include "kernel/keras/keras_object.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

struct Named {
  std::string_view name;
  std::string_view class_name;
};

// Every name that keras.initializers.get knows, and its class.
constexpr std::array<Named, 41> kNames = {{
    {"Initializer", "Initializer"},
    {"initializer", "Initializer"},
    {"Zeros", "Zeros"},
    {"zeros", "Zeros"},
    {"zero", "Zeros"},
    {"Ones", "Ones"},
    {"ones", "Ones"},
    {"one", "Ones"},
    {"Constant", "Constant"},
    {"constant", "Constant"},
    {"Identity", "Identity"},
    {"identity", "Identity"},
    {"IdentityInitializer", "Identity"},
    {"RandomNormal", "RandomNormal"},
    {"random_normal", "RandomNormal"},
    {"normal", "RandomNormal"},
    {"RandomUniform", "RandomUniform"},
    {"random_uniform", "RandomUniform"},
    {"uniform", "RandomUniform"},
    {"TruncatedNormal", "TruncatedNormal"},
    {"truncated_normal", "TruncatedNormal"},
    {"VarianceScaling", "VarianceScaling"},
    {"variance_scaling", "VarianceScaling"},
    {"GlorotUniform", "GlorotUniform"},
    {"glorot_uniform", "GlorotUniform"},
    {"GlorotNormal", "GlorotNormal"},
    {"glorot_normal", "GlorotNormal"},
    {"HeUniform", "HeUniform"},
    {"he_uniform", "HeUniform"},
    {"HeNormal", "HeNormal"},
    {"he_normal", "HeNormal"},
    {"LecunUniform", "LecunUniform"},
    {"lecun_uniform", "LecunUniform"},
    {"LecunNormal", "LecunNormal"},
    {"lecun_normal", "LecunNormal"},
    {"Orthogonal", "Orthogonal"},
    {"orthogonal", "Orthogonal"},
    {"OrthogonalInitializer", "Orthogonal"},
    {"STFT", "STFT"},
    {"stft", "STFT"},
    {"STFTInitializer", "STFT"},
}};

struct NamedScaling {
  std::string_view class_name;
  double scale;
  layer::FanMode mode;
  layer::Distribution distribution;
};

constexpr std::array<NamedScaling, 6> kScalings = {{
    {"GlorotUniform", 1.0, layer::FanMode::kFanAvg, layer::Distribution::kUniform},
    {"GlorotNormal", 1.0, layer::FanMode::kFanAvg, layer::Distribution::kTruncatedNormal},
    {"HeUniform", 2.0, layer::FanMode::kFanIn, layer::Distribution::kUniform},
    {"HeNormal", 2.0, layer::FanMode::kFanIn, layer::Distribution::kTruncatedNormal},
    {"LecunUniform", 1.0, layer::FanMode::kFanIn, layer::Distribution::kUniform},
    {"LecunNormal", 1.0, layer::FanMode::kFanIn, layer::Distribution::kTruncatedNormal},
}};

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

// An integer, null, or a SeedGenerator object.
void TakeSeed(KerasArguments& arguments, layer::Initializer& initializer) {
  json seed = arguments.Take("seed", nullptr);
  if (seed.is_object() && seed.contains("config") && seed["config"].is_object()) {
    seed = seed["config"].value("seed", json());
  }
  if (seed.is_null()) return;
  if (seed.is_number_integer()) {
    initializer.seed = seed.get<int64_t>();
    return;
  }
  arguments.Fail(Invalid(absl::StrCat(
      "`seed` argument should be an instance of `keras.random.SeedGenerator()` or an integer. ",
      "Received: seed=", PythonStr(seed))));
}

void TakeAxes(KerasArguments& arguments, layer::Initializer& initializer) {
  initializer.input_axes = arguments.TakeIntegers("input_axes", {});
  initializer.output_axes = arguments.TakeIntegers("output_axes", {});
  if (initializer.input_axes.empty()) arguments.Record("input_axes", nullptr);
  if (initializer.output_axes.empty()) arguments.Record("output_axes", nullptr);
}

void TakeVarianceScaling(KerasArguments& arguments, layer::Initializer& initializer) {
  TakeSeed(arguments, initializer);
  const json scale = arguments.Take("scale", 1.0);
  if (!scale.is_number() || scale.get<double>() <= 0.0) {
    return arguments.Fail(Invalid(absl::StrCat(
        "Argument `scale` must be positive float. Received: scale=", PythonStr(scale))));
  }
  initializer.scale = scale.get<double>();
  const std::string mode = arguments.TakeString("mode", "fan_in");
  if (mode != "fan_in" && mode != "fan_out" && mode != "fan_avg") {
    return arguments.Fail(Invalid(absl::StrCat("Invalid `mode` argument: ", mode, ". Please use ",
                                               "one of {'fan_in', 'fan_out', 'fan_avg'}")));
  }
  initializer.mode = mode == "fan_in"    ? layer::FanMode::kFanIn
                     : mode == "fan_out" ? layer::FanMode::kFanOut
                                         : layer::FanMode::kFanAvg;
  std::string distribution =
      absl::AsciiStrToLower(arguments.TakeString("distribution", "truncated_normal"));
  if (distribution == "normal") distribution = "truncated_normal";
  if (distribution == "uniform") {
    initializer.distribution = layer::Distribution::kUniform;
  } else if (distribution == "untruncated_normal") {
    initializer.distribution = layer::Distribution::kUntruncatedNormal;
  } else if (distribution != "truncated_normal") {
    return arguments.Fail(Invalid(
        absl::StrCat("Invalid `distribution` argument: ", distribution, ".Please use one of ",
                     "{'uniform', 'truncated_normal', 'untruncated_normal'}")));
  }
  arguments.Record("distribution", distribution);
  TakeAxes(arguments, initializer);
}

void TakeStft(KerasArguments& arguments, layer::Initializer& initializer) {
  const json side = arguments.Take("side", "real");
  if (side != "real" && side != "imag") {
    arguments.Fail(Invalid(absl::StrCat("side should be 'real' or 'imag', not ", PythonStr(side))));
  }
  initializer.imaginary = side == "imag";
  const json window = arguments.Take("window", "hann");
  if (window.is_string()) initializer.window = window.get<std::string>();
  bool known = window.is_null();
  for (const char* name : {"hann", "hamming", "blackman", "boxcar", "bartlett"}) {
    known = known || window == name;
  }
  if (!known) {
    arguments.Fail(absl::UnimplementedError(
        absl::StrCat("STFT: expected the window hann, hamming, blackman, boxcar, bartlett or ",
                     "None, got ", PythonStr(window), ".")));
  }
  initializer.periodic = PythonTruth(arguments.Take("periodic", false));
  const json scaling = arguments.Take("scaling", "density");
  if (scaling.is_string()) initializer.scaling = scaling.get<std::string>();
  if (!scaling.is_null() && scaling != "density" && scaling != "spectrum") {
    arguments.Fail(
        Invalid(absl::StrCat("Scaling is invalid, it must be `None`, 'density' or 'spectrum'. ",
                             "Received scaling=", PythonStr(scaling))));
  }
}

// Reads the arguments of one class; false for a class that is not handled here.
bool TakeScaling(const KerasObject& object, KerasArguments& arguments,
                 layer::Initializer& initializer) {
  for (const NamedScaling& named : kScalings) {
    if (named.class_name != object.class_name) continue;
    initializer.kind = layer::InitializerKind::kVarianceScaling;
    initializer.scale = named.scale;
    initializer.mode = named.mode;
    initializer.distribution = named.distribution;
    TakeSeed(arguments, initializer);
    TakeAxes(arguments, initializer);
    return true;
  }
  if (object.class_name != "VarianceScaling") return false;
  initializer.kind = layer::InitializerKind::kVarianceScaling;
  TakeVarianceScaling(arguments, initializer);
  return true;
}

void TakeConstant(const KerasObject& object, KerasArguments& arguments,
                  layer::Initializer& initializer) {
  if (object.class_name == "Ones") initializer.value = 1.0;
  if (object.class_name != "Constant") return;
  // Constant.from_config looks the key up.
  if (!object.config.contains("value")) return arguments.Fail(Invalid("'value'"));
  initializer.value = arguments.TakeNumber("value", 0.0);
}

void TakeRandom(const KerasObject& object, KerasArguments& arguments,
                layer::Initializer& initializer) {
  TakeSeed(arguments, initializer);
  if (object.class_name == "Orthogonal") {
    initializer.kind = layer::InitializerKind::kOrthogonal;
    initializer.gain = arguments.TakeNumber("gain", 1.0);
  } else if (object.class_name == "RandomUniform") {
    initializer.kind = layer::InitializerKind::kRandomUniform;
    initializer.minval = arguments.TakeNumber("minval", -0.05);
    initializer.maxval = arguments.TakeNumber("maxval", 0.05);
  } else {
    initializer.kind = object.class_name == "RandomNormal"
                           ? layer::InitializerKind::kRandomNormal
                           : layer::InitializerKind::kTruncatedNormal;
    initializer.mean = arguments.TakeNumber("mean", 0.0);
    initializer.stddev = arguments.TakeNumber("stddev", 0.05);
  }
}

void TakeArguments(const KerasObject& object, KerasArguments& arguments,
                   layer::Initializer& initializer) {
  const std::string& name = object.class_name;
  if (TakeScaling(object, arguments, initializer)) return;
  if (name == "Zeros" || name == "Ones" || name == "Constant") {
    return TakeConstant(object, arguments, initializer);
  }
  if (name == "Initializer") {
    initializer.kind = layer::InitializerKind::kAbstract;
  } else if (name == "Identity") {
    initializer.kind = layer::InitializerKind::kIdentity;
    initializer.gain = arguments.TakeNumber("gain", 1.0);
  } else if (name == "STFT") {
    initializer.kind = layer::InitializerKind::kStft;
    TakeStft(arguments, initializer);
  } else {
    TakeRandom(object, arguments, initializer);
  }
}

}  // namespace

absl::StatusOr<layer::Initializer> ParseInitializer(const json& value) {
  const absl::Status unknown =
      Invalid(absl::StrCat("Could not interpret initializer identifier: ", PythonStr(value)));
  if (!value.is_string() && !value.is_object()) return unknown;
  KerasObject object;
  if (value.is_string()) {
    object.class_name = value.get<std::string>();
  } else {
    CONVOY_ASSIGN_OR_RETURN(object, ReadKerasObject("initializer", value));
    // TensorFlow 2 files carry both generations of names.
    object.class_name = std::string(absl::StripSuffix(object.class_name, "V2"));
  }
  std::string_view class_name;
  for (const Named& named : kNames) {
    if (named.name == object.class_name) class_name = named.class_name;
  }
  if (class_name.empty()) return unknown;
  object.class_name = std::string(class_name);
  // Keras 2 and TensorFlow.js wrote a dtype here.
  object.config.erase("dtype");
  layer::Initializer initializer;
  KerasArguments arguments(object);
  TakeArguments(object, arguments, initializer);
  CONVOY_RETURN_IF_ERROR(arguments.Finish());
  // Keras forgets the gain of an Identity.
  const auto config = class_name == "Identity" ? nlohmann::ordered_json() : arguments.Taken();
  initializer.keras_json = WriteKerasObject("keras.initializers", class_name, config).dump();
  return initializer;
}

}  // namespace convoy::keras
