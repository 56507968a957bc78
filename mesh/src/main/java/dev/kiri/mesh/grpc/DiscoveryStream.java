package dev.kiri.mesh.grpc;

import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Detachable;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// One delta discovery stream on a connection of its own, for one blocking thread.
///
/// Responses are handed out as bytes, one at a time, and asked for one at a time: a response of
/// many megabytes is never a tree of messages, and the server waits while one is applied.
public final class DiscoveryStream implements AutoCloseable {
  private static final MethodDescriptor<DeltaDiscoveryRequest, InputStream> METHOD =
      MethodDescriptor.<DeltaDiscoveryRequest, InputStream>newBuilder()
          .setType(MethodType.BIDI_STREAMING)
          .setFullMethodName(
              "envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources")
          .setRequestMarshaller(ProtoUtils.marshaller(DeltaDiscoveryRequest.getDefaultInstance()))
          .setResponseMarshaller(new Bytes())
          .build();

  private final ManagedChannel channel;
  private final ClientCall<DeltaDiscoveryRequest, InputStream> call;

  /// At most one response, because only one is asked for at a time, and the end.
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  private volatile boolean established;

  private sealed interface Event {
    record Message(InputStream bytes) implements Event {}

    record Ended(Status status) implements Event {}

    record Woken() implements Event {}
  }

  private DiscoveryStream(ManagedChannel channel) {
    this.channel = channel;
    this.call = channel.newCall(METHOD, CallOptions.DEFAULT);
  }

  /// Begins to connect; what fails later is reported by [#next].
  ///
  /// @throws IOException if the roots or the token cannot be read
  public static DiscoveryStream open(ControlPlaneLoop loop, ControlPlaneEndpoint endpoint)
      throws IOException {
    var headers = CallHeaders.of(endpoint);
    var stream = new DiscoveryStream(loop.channel(endpoint));
    stream.call.start(stream.new Events(), headers);
    return stream;
  }

  /// Queues a request; does not block.
  public void send(DeltaDiscoveryRequest request) {
    call.sendMessage(request);
  }

  /// The next response, undecoded; the caller closes it. Runs `woken` for each [#wake] meanwhile.
  ///
  /// @throws CallFailed when the stream has ended, however it did
  public InputStream next(Runnable woken) throws CallFailed, InterruptedException {
    call.request(1);
    while (true) {
      switch (events.take()) {
        case Event.Message(var bytes) -> {
          return bytes;
        }
        case Event.Ended(var status) -> throw new CallFailed(status, established);
        case Event.Woken() -> woken.run();
      }
    }
  }

  /// Has the thread that waits for the next response do something else first. From any thread.
  public void wake() {
    events.add(new Event.Woken());
  }

  @Override
  public void close() {
    call.cancel("closing", null);
    channel.shutdownNow();
  }

  /// Called on the event loop, in order.
  private final class Events extends ClientCall.Listener<InputStream> {
    @Override
    public void onHeaders(Metadata headers) {
      established = true;
    }

    @Override
    public void onMessage(InputStream message) {
      events.add(new Event.Message(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      events.add(new Event.Ended(status));
    }
  }

  /// Takes the buffers of a message away from gRPC instead of decoding them on its thread.
  private static final class Bytes implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      if (stream instanceof Detachable detachable) {
        return detachable.detach();
      }
      try {
        return new ByteArrayInputStream(stream.readAllBytes());
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
  }
}
