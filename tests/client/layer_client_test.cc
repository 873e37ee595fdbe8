#include "client/layer_client.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::client {
namespace {

using convoy::v1::GetWeightsResponse;
using ::testing::ElementsAre;

// Answers as a test likes.
class FakeService final : public convoy::v1::LayerService::Service {
 public:
  std::vector<GetWeightsResponse> weights;
  bool waits = false;  // instead of ending
  std::string uploaded;
  int64_t announced = -1;

  grpc::Status GetWeights(grpc::ServerContext* context, const convoy::v1::GetWeightsRequest*,
                          grpc::ServerWriter<GetWeightsResponse>* writer) override {
    for (const GetWeightsResponse& each : weights) writer->Write(each);
    while (waits && !context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::OK;
  }

  grpc::Status UploadWeights(grpc::ServerContext*,
                             grpc::ServerReader<convoy::v1::UploadWeightsRequest>* reader,
                             convoy::v1::UploadWeightsResponse* response) override {
    convoy::v1::UploadWeightsRequest request;
    while (reader->Read(&request)) {
      if (request.has_info()) announced = request.info().size_bytes();
      uploaded += request.piece();
    }
    response->set_sha256("digest");
    return grpc::Status::OK;
  }

  grpc::Status ListLayerVersions(grpc::ServerContext*,
                                 const convoy::v1::ListLayerVersionsRequest* request,
                                 convoy::v1::ListLayerVersionsResponse* response) override {
    const bool first = request->page_token().empty();
    response->add_versions()->set_version(first ? 2 : 1);
    if (first) response->set_next_page_token("2");
    return grpc::Status::OK;
  }
};

class LayerClientTest : public ::testing::Test {
 protected:
  LayerClientTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }

  std::unique_ptr<LayerClient> Connect(absl::Duration deadline = absl::Seconds(60)) {
    return std::move(LayerClient::Connect(address_, {deadline})).value();
  }

  // info of so many bytes, these pieces, and the checksum if there is one.
  void Serve(int64_t size, const std::vector<std::string>& pieces, const std::string& sha256) {
    service_.weights.resize(1);
    service_.weights[0].mutable_info()->set_size_bytes(size);
    for (const std::string& piece : pieces) service_.weights.emplace_back().set_piece(piece);
    if (!sha256.empty()) service_.weights.emplace_back().set_sha256(sha256);
  }

  absl::StatusOr<LayerClient::WeightsInfo> Get(LayerClient& client) {
    return client.GetWeights("layers/x", [this](std::string_view piece) {
      received_ += piece;
      return absl::OkStatus();
    });
  }

  FakeService service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::string received_;
};

TEST_F(LayerClientTest, PutsTheWeightsTogether) {
  Serve(5, {"he", "llo"}, "digest");
  const auto info = Get(*Connect());
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(received_, "hello");
  EXPECT_EQ(info->sha256, "digest");
}

TEST_F(LayerClientTest, TakesNoStreamForWholeThatIsNot) {
  Serve(5, {"he", "llo"}, "");
  EXPECT_TRUE(absl::IsDataLoss(Get(*Connect()).status()));
  Serve(6, {"he", "llo"}, "digest");
  EXPECT_TRUE(absl::IsDataLoss(Get(*Connect()).status()));
}

TEST_F(LayerClientTest, EndsAStreamThatDoesNotMove) {
  Serve(5, {"he"}, "");
  service_.waits = true;
  EXPECT_TRUE(absl::IsDeadlineExceeded(Get(*Connect(absl::Milliseconds(200))).status()));
}

TEST_F(LayerClientTest, StopsWhenTheSinkTakesNoMore) {
  Serve(5, {"he", "llo"}, "digest");
  service_.waits = true;
  const absl::Status status =
      Connect()
          ->GetWeights("layers/x",
                       [](std::string_view) { return absl::UnknownError("the disk is full"); })
          .status();
  EXPECT_EQ(status.message(), "the disk is full");
}

TEST_F(LayerClientTest, UploadsInPiecesAndTellsHowFarItIs) {
  const std::string data(std::string::size_type{5} << 19, 'x');  // two pieces and a half
  std::istringstream file(data);
  std::vector<int64_t> progress;
  const auto sha256 = Connect()->Upload(file, static_cast<int64_t>(data.size()),
                                        [&](int64_t sent) { progress.push_back(sent); });
  ASSERT_TRUE(sha256.ok()) << sha256.status();
  EXPECT_EQ(service_.uploaded, data);
  EXPECT_EQ(service_.announced, static_cast<int64_t>(data.size()));
  EXPECT_THAT(progress, ElementsAre(1 << 20, 2 << 20, 5 << 19));
}

TEST_F(LayerClientTest, SaysWhenAFileIsShorterThanItWas) {
  std::istringstream file("short");
  EXPECT_TRUE(absl::IsInvalidArgument(Connect()->Upload(file, 100, nullptr).status()));
}

TEST_F(LayerClientTest, ListsVersionsOfAllPages) {
  const auto versions = Connect()->ListVersions("layers/x");
  ASSERT_TRUE(versions.ok());
  ASSERT_EQ(versions->size(), 2);
  EXPECT_EQ((*versions)[1].version(), 1);
}

TEST_F(LayerClientTest, PassesTheServersStatusOn) {
  EXPECT_EQ(Connect()->Get({}).status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace convoy::client
