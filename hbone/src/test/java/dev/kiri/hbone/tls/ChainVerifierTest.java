package dev.kiri.hbone.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.testing.TestCa;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How much a peer's chain may be.
final class ChainVerifierTest {
  private final TestCa ca = TestCa.root("mesh");
  private final ChainVerifier verifier = new ChainVerifier(List.of(ca.certificate()));

  private VerifiedPath verify(List<X509Certificate> chain) throws Exception {
    var encoded = new ArrayList<byte[]>();
    for (var certificate : chain) {
      encoded.add(encoded(certificate));
    }
    return verifier.verify(encoded, ChainVerifier.CLIENT_AUTH, Instant.now());
  }

  private static byte[] encoded(X509Certificate certificate) throws CertificateEncodingException {
    return certificate.getEncoded();
  }

  private List<X509Certificate> chain(TestCa.Leaf leaf, int others) {
    var chain = new ArrayList<X509Certificate>();
    chain.add(leaf.certificate(TestCa.newKeys()));
    chain.addAll(Collections.nCopies(others, ca.certificate()));
    return chain;
  }

  @Test
  void eight_certificates_are_looked_at_and_nine_are_not() throws Exception {
    var leaf = ca.leaf().uri("spiffe://cluster.local/ns/a/sa/b");

    assertThat(verify(chain(leaf, 7)).root()).isEqualTo(ca.certificate());
    assertThatThrownBy(() -> verify(chain(leaf, 8)))
        .hasMessage("invalid peer certificate: BadEncoding");
  }

  @Test
  void where_only_the_lenient_parser_reads_the_leaf_four_are_looked_at_and_five_are_not()
      throws Exception {
    var leaf = ca.leaf().uri("spiffe://cluster.local/ns/a/sa/b").namesNotCritical();

    assertThat(verify(chain(leaf, 3)).certificates()).hasSize(1);
    assertThatThrownBy(() -> verify(chain(leaf, 4)))
        .hasMessage("invalid peer certificate: BadEncoding");
  }

  @Test
  void nothing_is_not_a_chain() {
    assertThatThrownBy(() -> verify(List.of())).hasMessage("invalid peer certificate: BadEncoding");
  }
}
