package dev.kiri.controlplane.caller;

import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out who calls, by the client's certificate or else by its bearer token, and refuses calls
/// without either. What was wrong with a proof goes to the log, not to the caller.
public final class CallerInterceptor implements ServerInterceptor {
  /// The caller of the present call.
  public static final Context.Key<Caller> CALLER = Context.key("caller");

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String BEARER = "Bearer ";
  private static final Logger LOG = LoggerFactory.getLogger("security");

  private final TokenCheck tokens;
  private final String trustDomain;
  private final Consumer<String> refused;

  /// @param trustDomain the only trust domain whose certificates prove anything here
  /// @param refused told the full method name of each refused call
  public CallerInterceptor(TokenCheck tokens, String trustDomain, Consumer<String> refused) {
    this.tokens = tokens;
    this.trustDomain = trustDomain;
    this.refused = refused;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Caller caller = certificate(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
    String problem = "neither a certificate nor a token";
    String header = headers.get(AUTHORIZATION);
    if (caller == null && header != null && header.startsWith(BEARER)) {
      switch (tokens.verify(header.substring(BEARER.length()).trim())) {
        case TokenVerdict.Proven(Caller proven) -> caller = proven;
        case TokenVerdict.Worthless(String reason) -> problem = reason;
      }
    }
    if (caller == null) {
      String method = call.getMethodDescriptor().getFullMethodName();
      LOG.warn(
          "unauthenticated call of {} from {}: {}",
          method,
          call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
          problem);
      refused.accept(method);
      boolean ca = method.startsWith("istio.v1.auth.");
      call.close(
          Status.UNAUTHENTICATED.withDescription(
              ca ? "request authenticate failure" : "authentication failure"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
  }

  private @Nullable Caller certificate(@Nullable SSLSession session) {
    if (session == null) {
      return null;
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      if (chain.length > 0 && chain[0] instanceof X509Certificate leaf) {
        List<SpiffeId> ids = CertificateIdentities.of(leaf).spiffe();
        for (SpiffeId id : ids) {
          if (id.trustDomain().name().equals(trustDomain)) {
            return new Caller(
                id.namespace(), id.serviceAccount(), "", "", Caller.Proof.CERTIFICATE);
          }
        }
      }
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
    return null;
  }
}
