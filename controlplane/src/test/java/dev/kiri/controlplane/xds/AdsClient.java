package dev.kiri.controlplane.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.CallerInterceptor;
import dev.kiri.mesh.proto.core.Node;
import dev.kiri.mesh.proto.discovery.AggregatedDiscoveryServiceGrpc;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A raw client of a discovery server on a loopback port, for tests that look at single messages.
final class AdsClient implements AutoCloseable {
  private final Server server;
  private final ManagedChannel channel;
  final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
  final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
  private StreamObserver<DeltaDiscoveryRequest> out;
  private ClientCallStreamObserver<DeltaDiscoveryRequest> reader;

  AdsClient(DiscoveryServer discovery, Caller caller) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(ServerInterceptors.intercept(discovery, new As(caller)))
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
    connect();
  }

  void connect() {
    connect(true);
  }

  /// Connects and takes no response before [#read].
  void connectWithoutReading() {
    connect(false);
  }

  private void connect(boolean reading) {
    out =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .deltaAggregatedResources(
                new ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse>() {
                  @Override
                  public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
                    if (!reading) {
                      stream.disableAutoRequestWithInitial(0);
                    }
                    reader = stream;
                  }

                  @Override
                  public void onNext(DeltaDiscoveryResponse response) {
                    responses.add(response);
                  }

                  @Override
                  public void onError(Throwable broken) {
                    ends.add(Status.fromThrowable(broken));
                  }

                  @Override
                  public void onCompleted() {
                    ends.add(Status.OK);
                  }
                });
  }

  /// Takes responses after [#connectWithoutReading].
  void read(int count) {
    reader.request(count);
  }

  static Node node(String namespace, String nodeName) {
    return Node.newBuilder()
        .setId("ztunnel~192.0.2.1~zt." + namespace + "~" + namespace + ".svc.cluster.local")
        .setMetadata(
            Struct.newBuilder()
                .putFields("NAMESPACE", Value.newBuilder().setStringValue(namespace).build())
                .putFields("ISTIO_VERSION", Value.newBuilder().setStringValue("1.30").build())
                .putFields("NODE_NAME", Value.newBuilder().setStringValue(nodeName).build()))
        .build();
  }

  void send(DeltaDiscoveryRequest.Builder request) {
    out.onNext(request.build());
  }

  void ack(DeltaDiscoveryResponse response) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce()));
  }

  DeltaDiscoveryResponse next() throws InterruptedException {
    DeltaDiscoveryResponse response = responses.poll(5, TimeUnit.SECONDS);
    if (response == null) {
      throw new AssertionError("no response; ended: " + ends);
    }
    return response;
  }

  Status end() throws InterruptedException {
    return ends.poll(5, TimeUnit.SECONDS);
  }

  void disconnect() {
    out.onCompleted();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private record As(Caller caller) implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      return Contexts.interceptCall(
          Context.current().withValue(CallerInterceptor.CALLER, caller), call, headers, next);
    }
  }
}
