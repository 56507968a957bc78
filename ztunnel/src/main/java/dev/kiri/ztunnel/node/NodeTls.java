package dev.kiri.ztunnel.node;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.mesh.ca.CertificateManager;
import dev.kiri.ztunnel.pod.Certificates;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Makes TLS contexts of the node's certificates, once for each certificate, on the thread that got
/// it. Thread-safe; [#current] only reads.
public final class NodeTls implements Certificates {
  private final CertificateManager manager;
  private final TlsSettings tls;
  private final ConcurrentMap<SpiffeId, TlsContexts> contexts = new ConcurrentHashMap<>();

  public NodeTls(CertificateManager manager, TlsSettings tls) {
    this.manager = manager;
    this.tls = tls;
    manager.onChange(this::contextsOf);
  }

  @Override
  public @Nullable TlsContexts current(SpiffeId identity) {
    if (manager.current(identity) == null) {
      // released: what was made of it goes too
      contexts.remove(identity);
      return null;
    }
    return contexts.get(identity);
  }

  @Override
  public CompletionStage<TlsContexts> request(SpiffeId identity) {
    return manager.request(identity).thenApply(this::contextsOf);
  }

  private TlsContexts contextsOf(WorkloadCertificate certificate) {
    return contexts.compute(
        certificate.identity(),
        (identity, made) ->
            made != null && made.certificate().equals(certificate)
                ? made
                : TlsContexts.of(certificate, tls));
  }
}
