package dev.kiri.waypoint;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.pool.ClientTls;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The waypoint's own certificate as TLS contexts: made anew when it is renewed and when the
/// accepted trust domains change. Reading is safe on any thread; updates come from the threads of
/// certificates and configuration.
final class OwnCertificate implements ClientTls {
  private final SpiffeId identity;
  private final TlsSettings settings;
  private @Nullable WorkloadCertificate certificate;
  private Set<TrustDomain> accepted = Set.of();
  private volatile @Nullable TlsContexts contexts;

  OwnCertificate(SpiffeId identity, TlsSettings settings) {
    this.identity = identity;
    this.settings = settings;
  }

  synchronized void renewed(WorkloadCertificate next) {
    if (next.identity().equals(identity)) {
      certificate = next;
      make();
    }
  }

  /// Clients of these trust domains are accepted besides those of the own one.
  synchronized void accepting(Set<String> trustDomains) {
    Set<TrustDomain> domains =
        trustDomains.stream().map(TrustDomain::new).collect(Collectors.toUnmodifiableSet());
    if (!domains.equals(accepted)) {
      accepted = domains;
      make();
    }
  }

  private void make() {
    WorkloadCertificate known = certificate;
    if (known != null) {
      contexts = TlsContexts.of(known, settings.accepting(accepted));
    }
  }

  @Nullable TlsContexts contexts() {
    return contexts;
  }

  @Override
  public @Nullable TlsContexts contextsFor(SpiffeId source) {
    return source.equals(identity) ? contexts : null;
  }
}
