package dev.kiri.controlplane.ca;

import com.google.protobuf.Value;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.CallerInterceptor;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.proto.auth.IstioCertificateRequest;
import dev.kiri.mesh.proto.auth.IstioCertificateResponse;
import dev.kiri.mesh.proto.auth.IstioCertificateServiceGrpc.IstioCertificateServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Certificates over gRPC (controlplane.md 12.1). Needs a [CallerInterceptor] in front of it. What
/// a refused caller is told is upstream's; the reason goes to the log. Thread-safe.
public final class CertificateService extends IstioCertificateServiceImplBase {
  private static final String IMPERSONATED = "ImpersonatedIdentity";
  private static final Logger LOG = LoggerFactory.getLogger("serverca");

  private final CertificateAuthority authority;
  private final NodeAuthorizer nodes;
  private final String trustDomain;
  private final CertificateObserver observer;

  public CertificateService(
      CertificateAuthority authority,
      NodeAuthorizer nodes,
      String trustDomain,
      CertificateObserver observer) {
    this.authority = authority;
    this.nodes = nodes;
    this.trustDomain = trustDomain;
    this.observer = observer;
  }

  @Override
  public void createCertificate(
      IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> to) {
    observer.requested();
    Caller caller = CallerInterceptor.CALLER.get();
    if (caller == null) {
      observer.authenticationFailed();
      refuse(to, Status.UNAUTHENTICATED.withDescription("request authenticate failure"));
      return;
    }
    SpiffeId identity = SpiffeId.of(trustDomain, caller.namespace(), caller.serviceAccount());
    Value impersonated = request.getMetadata().getFieldsMap().get(IMPERSONATED);
    if (impersonated != null && !impersonated.getStringValue().isEmpty()) {
      String asked = impersonated.getStringValue();
      switch (nodes.decide(caller, asked)) {
        case Impersonation.Allowed(SpiffeId allowed) -> identity = allowed;
        case Impersonation.Refused(String reason) -> {
          impersonationRefused(to, caller, asked, reason);
          return;
        }
        case Impersonation.Unreadable(String requested) -> {
          observer.identityUnreadable();
          impersonationRefused(to, caller, requested, "that is not an identity");
          return;
        }
      }
    }
    switch (authority.issue(request.getCsr(), identity, request.getValidityDuration())) {
      case IssueOutcome.Issued(List<String> chain) -> {
        observer.issued();
        LOG.info("certificate for {} issued to {}", identity, caller);
        to.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
        to.onCompleted();
      }
      case IssueOutcome.Refused(IssueOutcome.Reason reason, String text) -> {
        observer.failed(reason);
        LOG.warn("no certificate for {} to {}: {} {}", identity, caller, reason, text);
        Status status =
            switch (reason) {
              case CSR_ERROR, TTL_ERROR -> Status.INVALID_ARGUMENT;
              case CERT_GEN_ERROR -> Status.INTERNAL;
            };
        refuse(to, status.withDescription("CSR signing error (" + text + ")"));
      }
    }
  }

  private void impersonationRefused(
      StreamObserver<IstioCertificateResponse> to, Caller caller, String asked, String reason) {
    LOG.warn("{} may not have a certificate for {}: {}", caller, asked, reason);
    observer.authenticationFailed();
    refuse(
        to, Status.UNAUTHENTICATED.withDescription("request impersonation authentication failure"));
  }

  private static void refuse(StreamObserver<IstioCertificateResponse> to, Status status) {
    to.onError(status.asRuntimeException());
  }
}
