# A client on windfall-client: ruby client.rb 127.0.0.1:50051 wf_test_demo
require 'securerandom'
require 'google/protobuf/well_known_types'
require 'google/rpc/error_details_pb'
require 'windfall/jackpot/v1/jackpot_services_pb'
require 'windfall/lootbox/v1/lootbox_services_pb'

address, key = ARGV
caller = { 'authorization' => "Bearer #{key}" }
Lootbox = Windfall::Lootbox::V1
Jackpot = Windfall::Jackpot::V1

lootboxes = Lootbox::LootboxService::Stub.new(address, :this_channel_is_insecure)
request = Lootbox::OpenLootboxRequest.new(id: 'welcome-box', user_id: 'StarlordV7', idempotency_key: SecureRandom.uuid)
box = lootboxes.open_lootbox(request, metadata: caller)
puts "opened #{box.open_id} #{box.reward.amount} #{box.reward.asset}"

# The next message is sent when the answer to the one before has come.
messages = Queue.new
contribute = lambda do
  wager = { id: 'daily-drop', user_id: 'StarlordV7', source_wager_id: SecureRandom.uuid, amount: 0.5 }
  messages << Jackpot::StreamContributionsRequest.new(items: [Jackpot::ContributeToJackpotRequest.new(wager)])
end
jackpots = Jackpot::JackpotService::Stub.new(address, :this_channel_is_insecure)
contribute.call
jackpots.stream_contributions(Enumerator.new { |out| while (message = messages.pop) do out << message end }, metadata: caller)
        .each_with_index do |answer, sent|
  puts "contributed #{answer.results[0].contributed.pool}"
  sent < 2 ? contribute.call : messages << nil
end

begin
  lootboxes.open_lootbox(Lootbox::OpenLootboxRequest.new(id: 'no-such-box', user_id: 'StarlordV7'), metadata: caller)
rescue GRPC::NotFound => error
  info = error.to_rpc_status.details[0].unpack(Google::Rpc::ErrorInfo)
  puts "refused #{error.code} #{info.reason} #{info.metadata.to_h}"
end
