#include "server/rpc/infer_decoder.h"

#include <google/protobuf/io/coded_stream.h>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/message_slices.h"

namespace convoy::rpc {
namespace {

using google::protobuf::io::CodedOutputStream;
using inference::ModelInferRequest;

constexpr uint32_t kInputTag = DelimitedTag(ModelInferRequest::kInputsFieldNumber);
constexpr uint32_t kRawContentsTag = DelimitedTag(ModelInferRequest::kRawInputContentsFieldNumber);
constexpr uint32_t kTypedContentsTag =
    DelimitedTag(ModelInferRequest::InferInputTensor::kContentsFieldNumber);

// What a strange request made it allocate would stay allocated: a message whose
// metadata was longer than this is not kept for reuse, nor are longer lists.
constexpr size_t kMaxReusedMetadataBytes = 512;
constexpr size_t kMaxReusedPieces = 1024;

// The head of an input of `size` bytes.
std::string InputHead(size_t size) {
  uint8_t head[10];
  uint8_t* end = CodedOutputStream::WriteTagToArray(kInputTag, head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), end);
  return {head, end};
}

}  // namespace

absl::Status InferDecoder::Decode(const grpc::ByteBuffer& buffer) {
  absl::Status status = DecodeAll(buffer);
  if (!status.ok()) message_.Clear();  // half a message, or the one before
  return status;
}

absl::Status InferDecoder::DecodeAll(const grpc::ByteBuffer& buffer) {
  Reset();
  CONVOY_RETURN_IF_ERROR(TakeSlices(buffer, max_message_bytes_, slices_));
  SliceCursor cursor(slices_);
  if (!WalkRequest(cursor)) {
    if (!too_much_.ok()) return too_much_;
    return absl::InvalidArgumentError(
        absl::StrCat("ModelInferRequest: the message is truncated or malformed: expected a "
                     "protobuf field, got something else near byte ",
                     cursor.position()));
  }
  if (!message_.ParseFromString(metadata_)) {
    return absl::InvalidArgumentError(
        "ModelInferRequest: the message is malformed: a nested field is truncated, or a string "
        "is not UTF-8");
  }
  return absl::OkStatus();
}

void InferDecoder::Reset() {
  ReleaseSlices(slices_);
  if (slices_.capacity() > kMaxReusedPieces) slices_ = {};
  if (raw_pieces_.capacity() > kMaxReusedPieces) raw_pieces_ = {};
  if (metadata_.size() > kMaxReusedMetadataBytes) {
    message_ = ModelInferRequest();
    metadata_ = std::string();
  }
  raw_pieces_.resize(0);  // unlike clear(), keeps the memory
  metadata_.clear();
  typed_contents_.Clear();
  raw_bytes_ = 0;
  raw_contents_ = 0;
  typed_bytes_ = 0;
  payload_bytes_ = 0;
  too_much_ = absl::OkStatus();
}

bool InferDecoder::WalkRequest(SliceCursor& cursor) {
  while (cursor.remaining() > 0) {
    const SliceCursor field = cursor;
    uint32_t tag;
    if (!cursor.ReadTag(tag)) return false;
    const bool taken = tag == kRawContentsTag ? TakeRawContents(cursor)
                       : tag == kInputTag     ? WalkInput(cursor)
                                              : TakeMetadata(field, tag, cursor);
    if (!taken) return false;
  }
  return true;
}

bool InferDecoder::WalkInput(SliceCursor& cursor) {
  size_t length;
  if (!cursor.ReadLength(length) || !MetadataIsBounded(cursor)) return false;
  const size_t begin = metadata_.size();
  SliceCursor input = cursor.First(length);
  while (input.remaining() > 0) {
    const SliceCursor field = input;
    uint32_t tag;
    if (!input.ReadTag(tag)) return false;
    const bool taken =
        tag == kTypedContentsTag ? TakeTypedContents(input) : TakeMetadata(field, tag, input);
    if (!taken) return false;
  }
  metadata_.insert(begin, InputHead(metadata_.size() - begin));
  return cursor.Skip(length);
}

bool InferDecoder::TakeRawContents(SliceCursor& cursor) {
  size_t length;
  if (!cursor.ReadLength(length) || !MetadataIsBounded(cursor)) return false;
  payload_bytes_ += length;
  if (++raw_contents_ > 1) return cursor.Skip(length);
  raw_bytes_ = length;
  cursor.Take(length, raw_pieces_);
  return true;
}

bool InferDecoder::TakeTypedContents(SliceCursor& cursor) {
  size_t length;
  if (!cursor.ReadLength(length) || !MetadataIsBounded(cursor)) return false;
  payload_bytes_ += length;
  typed_bytes_ += length;
  if (typed_bytes_ > TypedContents::kMaxBytes) {
    too_much_ = absl::ResourceExhaustedError(
        absl::StrCat("inputs[0].contents: expected at most ", TypedContents::kMaxBytes,
                     " bytes, got ", typed_bytes_, "; send larger tensors in raw_input_contents"));
    return false;
  }
  return typed_contents_.Add(cursor.First(length)) && cursor.Skip(length);
}

bool InferDecoder::TakeMetadata(SliceCursor field, uint32_t tag, SliceCursor& cursor) {
  if (!cursor.SkipField(tag) || !MetadataIsBounded(cursor)) return false;
  const size_t length = cursor.position() - field.position();
  const size_t begin = metadata_.size();
  metadata_.resize(begin + length);
  field.Copy(length, &metadata_[begin]);
  return true;
}

bool InferDecoder::MetadataIsBounded(const SliceCursor& cursor) {
  if (cursor.position() - payload_bytes_ <= kMaxMetadataBytes) return true;
  too_much_ = absl::ResourceExhaustedError(absl::StrCat("ModelInferRequest: expected at most ",
                                                        kMaxMetadataBytes,
                                                        " bytes beside the tensor, got more"));
  return false;
}

}  // namespace convoy::rpc
