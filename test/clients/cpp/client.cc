// A client on the code of gen/cpp: client 127.0.0.1:50051 wf_test_demo
#include <chrono>
#include <iostream>

#include <grpcpp/grpcpp.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "windfall/jackpot/v1/jackpot.grpc.pb.h"
#include "windfall/lootbox/v1/lootbox.grpc.pb.h"

namespace jackpot = windfall::jackpot::v1;
namespace lootbox = windfall::lootbox::v1;

int main(int, char** args) {
  auto channel = grpc::CreateChannel(args[1], grpc::InsecureChannelCredentials());
  auto authorize = [&](grpc::ClientContext& context) {
    context.AddMetadata("authorization", std::string("Bearer ") + args[2]);
  };
  auto run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());

  auto lootboxes = lootbox::LootboxService::NewStub(channel);
  lootbox::OpenLootboxRequest request;
  request.set_id("welcome-box");
  request.set_user_id("StarlordV7");
  request.set_idempotency_key("cpp-" + run);
  lootbox::OpenLootboxResponse box;
  grpc::ClientContext opening;
  authorize(opening);
  if (!lootboxes->OpenLootbox(&opening, request, &box).ok()) return 1;
  std::cout << "opened " << box.open_id() << " " << box.reward().amount() << " " << box.reward().asset() << "\n";

  auto jackpots = jackpot::JackpotService::NewStub(channel);
  grpc::ClientContext contributing;
  authorize(contributing);
  auto stream = jackpots->StreamContributions(&contributing);
  for (int wager = 0; wager < 3; wager++) {
    jackpot::StreamContributionsRequest message;
    auto* item = message.add_items();
    item->set_id("daily-drop");
    item->set_user_id("StarlordV7");
    item->set_source_wager_id("cpp-" + run + "-" + std::to_string(wager));
    item->set_amount(0.5);
    jackpot::StreamContributionsResponse answer;
    if (!stream->Write(message) || !stream->Read(&answer)) return 1;
    std::cout << "contributed " << answer.results(0).contributed().pool() << "\n";
  }
  stream->WritesDone();
  if (!stream->Finish().ok()) return 1;

  request.set_id("no-such-box");
  grpc::ClientContext refused;
  authorize(refused);
  auto status = lootboxes->OpenLootbox(&refused, request, &box);
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details()) || !details.details(0).UnpackTo(&info)) return 1;
  std::cout << "refused " << status.error_code() << " " << info.reason() << " " << info.metadata().at("id") << "\n";
}
