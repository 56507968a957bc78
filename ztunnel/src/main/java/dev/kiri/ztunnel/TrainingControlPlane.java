package dev.kiri.ztunnel;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.kiri.mesh.proto.auth.IstioCertificateRequest;
import dev.kiri.mesh.proto.auth.IstioCertificateResponse;
import dev.kiri.mesh.proto.auth.IstioCertificateServiceGrpc.IstioCertificateServiceImplBase;
import dev.kiri.mesh.proto.discovery.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import dev.kiri.mesh.proto.discovery.Resource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.TunnelProtocol;
import dev.kiri.mesh.proto.workload.Workload;
import dev.kiri.mesh.xds.WorkloadSubscription;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A control plane for a training run, on a loopback port: tells about one workload of the node and
/// signs its certificate.
final class TrainingControlPlane implements AutoCloseable {
  /// The node its workload runs on.
  static final String NODE = "training";

  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Workload WORKLOAD =
      Workload.newBuilder()
          .setUid("training//Pod/training/training")
          .setName("training")
          .setNamespace("training")
          .setServiceAccount("training")
          .setNode(NODE)
          .setTunnelProtocol(TunnelProtocol.HBONE)
          .addAddresses(ByteString.copyFrom(new byte[] {10, 0, 0, 1}))
          .build();

  private final ThrowawayAuthority authority;
  private final CountDownLatch signed = new CountDownLatch(1);
  private final Server server;

  TrainingControlPlane(ThrowawayAuthority authority) throws Exception {
    this.authority = authority;
    var own = authority.server(LOOPBACK);
    var tls = SslContextBuilder.forServer(own.key(), own.chain());
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(LOOPBACK, 0))
            .sslContext(GrpcSslContexts.configure(tls).build())
            .directExecutor()
            .addService(new Discovery())
            .addService(new Certificates())
            .build()
            .start();
  }

  String uri() {
    return "https://127.0.0.1:" + server.getPort();
  }

  /// Waits until it has signed a certificate.
  void awaitUse() throws IOException, InterruptedException {
    if (!signed.await(10, TimeUnit.SECONDS)) {
      throw new IOException("nobody asked the training's control plane for a certificate");
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /// Answers the first request for each type; the rest acknowledge.
  private static final class Discovery extends AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          if (request.getResponseNonce().isEmpty()) {
            responses.onNext(response(request.getTypeUrl()));
          }
        }

        @Override
        public void onError(Throwable ended) {
          // the client has gone, as it does at the end
        }

        @Override
        public void onCompleted() {
          responses.onCompleted();
        }
      };
    }

    private static DeltaDiscoveryResponse response(String type) {
      var response = DeltaDiscoveryResponse.newBuilder().setTypeUrl(type).setNonce("1");
      if (type.equals(WorkloadSubscription.ADDRESS)) {
        var address = Address.newBuilder().setWorkload(WORKLOAD).build();
        response.addResources(
            Resource.newBuilder()
                .setName(WORKLOAD.getUid())
                .setResource(
                    Any.newBuilder().setTypeUrl(type).setValue(address.toByteString()).build()));
      }
      return response.build();
    }
  }

  private final class Certificates extends IstioCertificateServiceImplBase {
    @Override
    public void createCertificate(
        IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> responses) {
      try {
        var chain = authority.sign(request.getCsr());
        responses.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
        responses.onCompleted();
        signed.countDown();
      } catch (Exception unsigned) {
        responses.onError(Status.INTERNAL.withCause(unsigned).asRuntimeException());
      }
    }
  }
}
