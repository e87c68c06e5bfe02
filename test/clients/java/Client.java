import com.google.rpc.ErrorInfo;
import dev.windfall.jackpot.v1.ContributeToJackpotRequest;
import dev.windfall.jackpot.v1.JackpotServiceGrpc;
import dev.windfall.jackpot.v1.StreamContributionsRequest;
import dev.windfall.jackpot.v1.StreamContributionsResponse;
import dev.windfall.lootbox.v1.LootboxServiceGrpc;
import dev.windfall.lootbox.v1.OpenLootboxRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client on windfall-client: java Client.java 127.0.0.1:50051 wf_test_demo */
public class Client {
  public static void main(String[] args) throws Exception {
    var channel = Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).build();
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + args[1]);
    var caller = MetadataUtils.newAttachHeadersInterceptor(headers);

    var lootboxes = LootboxServiceGrpc.newBlockingStub(channel).withInterceptors(caller);
    var request = OpenLootboxRequest.newBuilder().setUserId("StarlordV7").setIdempotencyKey(UUID.randomUUID().toString());
    var box = lootboxes.openLootbox(request.setId("welcome-box").build());
    System.out.printf("opened %s %s %s%n", box.getOpenId(), box.getReward().getAmount(), box.getReward().getAsset());

    var answers = new ArrayBlockingQueue<StreamContributionsResponse>(1);
    var stream = JackpotServiceGrpc.newStub(channel).withInterceptors(caller).streamContributions(new StreamObserver<>() {
      @Override public void onNext(StreamContributionsResponse answer) { answers.add(answer); }
      @Override public void onError(Throwable error) { error.printStackTrace(); }
      @Override public void onCompleted() { }
    });
    for (int wager = 0; wager < 3; wager++) {
      var item = ContributeToJackpotRequest.newBuilder().setId("daily-drop").setUserId("StarlordV7")
          .setSourceWagerId(UUID.randomUUID().toString()).setAmount(0.5);
      stream.onNext(StreamContributionsRequest.newBuilder().addItems(item).build());
      var answer = answers.poll(20, TimeUnit.SECONDS);
      System.out.println("contributed " + answer.getResults(0).getContributed().getPool());
    }
    stream.onCompleted();

    try {
      lootboxes.openLootbox(request.setId("no-such-box").build());
    } catch (StatusRuntimeException error) {
      var info = StatusProto.fromThrowable(error).getDetails(0).unpack(ErrorInfo.class);
      System.out.println("refused " + error.getStatus().getCode() + " " + info.getReason() + " " + info.getMetadataMap());
    }
    channel.shutdown();
  }
}
