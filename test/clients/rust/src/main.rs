//! A client on windfall-client: client 127.0.0.1:50051 wf_test_demo
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{metadata::AsciiMetadataValue, transport::Channel, Request};
use tonic_types::StatusExt;
use windfall_client::windfall::jackpot::v1::{
    contribution_result::Outcome, jackpot_service_client::JackpotServiceClient, ContributeToJackpotRequest,
    StreamContributionsRequest,
};
use windfall_client::windfall::lootbox::v1::{lootbox_service_client::LootboxServiceClient, OpenLootboxRequest};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let channel = Channel::from_shared(format!("http://{}", args[1]))?.connect().await?;
    let key: AsciiMetadataValue = format!("Bearer {}", args[2]).parse()?;
    let caller = move |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", key.clone());
        Ok(request)
    };
    let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let open = |id: &str| OpenLootboxRequest {
        id: id.into(),
        user_id: "StarlordV7".into(),
        idempotency_key: format!("rust-{run}"),
        ..Default::default()
    };

    let mut lootboxes = LootboxServiceClient::with_interceptor(channel.clone(), caller.clone());
    let opened = lootboxes.open_lootbox(open("welcome-box")).await?.into_inner();
    let reward = opened.reward.unwrap_or_default();
    println!("opened {} {} {}", opened.open_id, reward.amount(), reward.asset());

    let (messages, queue) = tokio::sync::mpsc::channel(1);
    let contribution = |wager: u32| StreamContributionsRequest {
        items: vec![ContributeToJackpotRequest {
            id: "daily-drop".into(),
            user_id: "StarlordV7".into(),
            source_wager_id: format!("rust-{run}-{wager}"),
            amount: 0.5,
            ..Default::default()
        }],
        ..Default::default()
    };
    messages.send(contribution(0)).await?;
    let mut jackpots = JackpotServiceClient::with_interceptor(channel, caller);
    let mut answers = jackpots.stream_contributions(ReceiverStream::new(queue)).await?.into_inner();
    for wager in 1..=3 {
        let answer = answers.message().await?.ok_or("the stream has ended")?;
        if let Some(Outcome::Contributed(contributed)) = &answer.results[0].outcome {
            println!("contributed {}", contributed.pool);
        }
        if wager < 3 {
            messages.send(contribution(wager)).await?;
        }
    }

    if let Err(status) = lootboxes.open_lootbox(open("no-such-box")).await {
        let info = status.get_details_error_info().ok_or("no details")?;
        println!("refused {:?} {} {:?}", status.code(), info.reason, info.metadata);
    }
    Ok(())
}
