package dev.kiri.mesh.grpc;

import dev.kiri.mesh.proto.auth.IstioCertificateRequest;
import dev.kiri.mesh.proto.auth.IstioCertificateResponse;
import dev.kiri.mesh.proto.auth.IstioCertificateServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls to the certificate service, over one connection that is made anew when the roots change.
/// Thread-safe; calls block.
///
/// Instead of watching the folder of the roots, their bytes are compared before each call: calls
/// are rare, and a swapped mount cannot be missed.
public final class CertificateCalls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateCalls.class);

  private final ControlPlaneLoop loop;
  private final ControlPlaneEndpoint endpoint;
  private final Duration limit;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ManagedChannel channel;
  private byte[] roots = {};

  /// @param loop serves the connection; stays the caller's
  /// @param limit for one call; upstream has none, and a hung authority then holds a caller for
  ///     long
  public CertificateCalls(ControlPlaneLoop loop, ControlPlaneEndpoint endpoint, Duration limit) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.limit = limit;
  }

  /// Asks for one certificate.
  ///
  /// @throws IOException if roots or token cannot be read
  public IstioCertificateResponse create(IstioCertificateRequest request)
      throws CallFailed, IOException {
    var headers = MetadataUtils.newAttachHeadersInterceptor(CallHeaders.of(endpoint));
    var options = CallOptions.DEFAULT.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return ClientCalls.blockingUnaryCall(
          ClientInterceptors.intercept(channel(), headers),
          IstioCertificateServiceGrpc.getCreateCertificateMethod(),
          options,
          request);
    } catch (StatusRuntimeException failed) {
      throw new CallFailed(failed.getStatus(), false);
    }
  }

  private ManagedChannel channel() throws IOException {
    lock.lock();
    try {
      var old = channel;
      if (old == null) {
        roots = endpoint.roots().read();
        channel = loop.channel(endpoint);
        return channel;
      }
      return renewed(old);
    } finally {
      lock.unlock();
    }
  }

  private ManagedChannel renewed(ManagedChannel old) {
    try {
      byte[] now = endpoint.roots().read();
      if (Arrays.equals(roots, now)) {
        return old;
      }
      var fresh = loop.channel(endpoint);
      roots = now;
      channel = fresh;
      old.shutdown();
      return fresh;
    } catch (IOException unreadable) {
      log.warn(
          "root certificates of {} cannot be read again, going on with the old ones: {}",
          endpoint.uri(),
          unreadable.getMessage());
      return old;
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (channel != null) {
        channel.shutdownNow();
        channel = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
