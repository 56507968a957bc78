package dev.kiri.bench.controlplane;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import dev.kiri.mesh.proto.core.Node;
import dev.kiri.mesh.proto.discovery.AggregatedDiscoveryServiceGrpc;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.Resource;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One ztunnel's stream: asks for everything, acknowledges every response, and counts. Resources
/// are left undecoded, but for their names and versions where somebody wants these. Thread-safe.
final class Stream extends ClientCall.Listener<byte[]> {
  static final List<String> TYPES =
      List.of(
          "type.googleapis.com/istio.workload.Address",
          "type.googleapis.com/istio.security.Authorization");

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final MethodDescriptor<DeltaDiscoveryRequest, byte[]> METHOD =
      AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod().toBuilder(
              AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                  .getRequestMarshaller(),
              new Bytes())
          .build();

  private final ClientCall<DeltaDiscoveryRequest, byte[]> call;
  private final @Nullable Map<String, Map<String, String>> held;
  private final Runnable onChange;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong resources = new AtomicLong();
  private final AtomicLong responses = new AtomicLong();
  private volatile @Nullable Status ended;

  /// Opens a stream.
  ///
  /// @param known versions by type and name that the client has from before
  /// @param held takes what comes by type, name and version; null where that is not wanted
  /// @param onChange called for each response with anything in it
  Stream(
      ManagedChannel channel,
      int number,
      Map<String, Map<String, String>> known,
      @Nullable Map<String, Map<String, String>> held,
      Runnable onChange) {
    this.held = held;
    this.onChange = onChange;
    call = channel.newCall(METHOD, CallOptions.DEFAULT);
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer bench");
    call.start(this, headers);
    call.request(Integer.MAX_VALUE);
    for (String type : TYPES) {
      call.sendMessage(
          DeltaDiscoveryRequest.newBuilder()
              .setNode(node(number))
              .setTypeUrl(type)
              .putAllInitialResourceVersions(known.getOrDefault(type, Map.of()))
              .build());
    }
  }

  private static Node node(int number) {
    return Node.newBuilder()
        .setId("ztunnel~192.0.2.1~ztunnel-" + number + ".istio-system~istio-system.svc")
        .setMetadata(
            Struct.newBuilder()
                .putFields("NAMESPACE", Value.newBuilder().setStringValue("istio-system").build()))
        .build();
  }

  @Override
  public void onMessage(byte[] message) {
    try {
      take(message);
    } catch (IOException e) {
      throw new UncheckedIOException("a response", e);
    }
  }

  private void take(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    String type = "";
    String nonce = "";
    long count = 0;
    List<ByteString> raw = new java.util.ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 2 -> {
          count++;
          if (held == null) {
            in.skipField(tag);
          } else {
            raw.add(in.readBytes());
          }
        }
        case 4 -> type = in.readString();
        case 5 -> nonce = in.readString();
        case 6 -> {
          count++;
          in.skipField(tag);
        }
        default -> in.skipField(tag);
      }
    }
    if (held != null) {
      Map<String, String> versions = held.computeIfAbsent(type, _ -> new java.util.TreeMap<>());
      for (ByteString each : raw) {
        Resource resource = Resource.parseFrom(each);
        versions.put(resource.getName(), resource.getVersion());
      }
    }
    bytes.addAndGet(message.length);
    resources.addAndGet(count);
    responses.incrementAndGet();
    if (count > 0) {
      onChange.run();
    }
    call.sendMessage(
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type).setResponseNonce(nonce).build());
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended = status;
  }

  /// Resources, and names of removed ones, so far.
  long resources() {
    Status status = ended;
    if (status != null) {
      throw new PlaneFailed("a stream ended: " + status);
    }
    return resources.get();
  }

  long responses() {
    return responses.get();
  }

  long bytes() {
    return bytes.get();
  }

  void close() {
    call.cancel("done", null);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("a response", e);
      }
    }
  }
}
