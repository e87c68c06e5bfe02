// A client as the README of windfall.dev/go has it: go run . 127.0.0.1:50051 wf_test_demo
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	jackpotv1 "windfall.dev/go/jackpot/v1"
	lootboxv1 "windfall.dev/go/lootbox/v1"
)

func main() {
	conn := must(grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials())))
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+os.Args[2])
	run := fmt.Sprint(time.Now().UnixNano())

	lootboxes := lootboxv1.NewLootboxServiceClient(conn)
	box := must(lootboxes.OpenLootbox(ctx, &lootboxv1.OpenLootboxRequest{
		Id: "welcome-box", UserId: "StarlordV7", IdempotencyKey: "go-" + run,
	}))
	fmt.Println("opened", box.GetOpenId(), box.GetReward().GetAmount(), box.GetReward().GetAsset())

	stream := must(jackpotv1.NewJackpotServiceClient(conn).StreamContributions(ctx))
	for i := range 3 {
		check(stream.Send(&jackpotv1.StreamContributionsRequest{Items: []*jackpotv1.ContributeToJackpotRequest{{
			Id: "daily-drop", UserId: "StarlordV7", SourceWagerId: fmt.Sprint("go-", run, "-", i), Amount: 0.5,
		}}}))
		answer := must(stream.Recv())
		fmt.Println("contributed", answer.GetResults()[0].GetContributed().GetPool())
	}
	check(stream.CloseSend())

	_, err := lootboxes.OpenLootbox(ctx, &lootboxv1.OpenLootboxRequest{Id: "no-such-box", UserId: "StarlordV7"})
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			fmt.Println("refused", status.Code(err), info.GetReason(), info.GetMetadata())
		}
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
