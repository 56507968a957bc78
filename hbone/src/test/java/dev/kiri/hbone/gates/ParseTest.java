package dev.kiri.hbone.gates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.InvalidAuthority;
import dev.kiri.hbone.connect.KnownTexts;
import dev.kiri.hbone.testing.TestCa;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Names that come again are known again without garbage.
final class ParseTest {
  private static final int ROUNDS = 20_000;
  private static final Baggage WEB =
      new Baggage("Kubernetes", "shop", "deployment", "web", "web", "v1", "region-1", "zone-1");

  private final KnownTexts texts = KnownTexts.current();

  @Test
  void an_authority_that_comes_again_is_parsed_without_garbage() {
    var text = AsciiString.of("10.244.1.5:8080");
    assertThat(texts.authority(text)).isEqualTo(Authority.parse("10.244.1.5:8080"));
    assertNoGarbage(() -> texts.authority(text));
  }

  @Test
  void a_baggage_that_comes_again_is_parsed_without_garbage() {
    var text = AsciiString.of(WEB.format());
    assertThat(texts.baggage(text)).isEqualTo(WEB);
    assertNoGarbage(() -> texts.baggage(text));
  }

  @Test
  void what_is_said_again_is_written_without_garbage() {
    var authority = Authority.parse("cart.shop.svc.cluster.local:80");
    assertThat(texts.text(WEB).toString()).isEqualTo(WEB.format());
    assertThat(texts.text(authority).toString()).isEqualTo("cart.shop.svc.cluster.local:80");
    assertNoGarbage(() -> texts.text(WEB));
    assertNoGarbage(() -> texts.text(authority));
  }

  @Test
  void the_identity_of_a_certificate_is_parsed_once() {
    var certificate = TestCa.root("mesh").workload("default", "client");
    assertThat(certificate.identity()).hasToString("spiffe://cluster.local/ns/default/sa/client");
    assertNoGarbage(certificate::identity);
  }

  @Test
  void ever_new_texts_are_parsed_rightly_and_the_first_one_still_is() {
    for (int i = 0; i < 10_000; i++) {
      var text = "10.%d.%d.%d:8080".formatted(i >> 16 & 255, i >> 8 & 255, i & 255);
      assertThat(texts.authority(AsciiString.of(text))).hasToString(text);
    }
    assertThat(texts.authority(AsciiString.of("10.0.0.0:8080"))).hasToString("10.0.0.0:8080");
  }

  @Test
  void texts_with_the_same_place_are_told_apart() {
    // the hash of AsciiString ignores case
    assertThat(texts.authority(AsciiString.of("Cart:80"))).hasToString("Cart:80");
    assertThat(texts.authority(AsciiString.of("cart:80"))).hasToString("cart:80");
  }

  @Test
  void what_is_no_authority_is_refused_every_time() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> texts.authority(AsciiString.of("somewhere")))
          .isInstanceOf(InvalidAuthority.class);
    }
  }

  @Test
  void a_text_too_long_to_be_remembered_is_parsed_all_the_same() {
    var line = "k8s.namespace.name=" + "x".repeat(600);
    assertThat(texts.baggage(AsciiString.of(line))).isEqualTo(Baggage.parse(List.of(line)));
    assertThat(texts.baggage(line)).isEqualTo(Baggage.parse(List.of(line)));
  }

  private static void assertNoGarbage(Supplier<Object> parse) {
    int known = 0;
    var here = Allocations.ofThisThread();
    long counting = -here.bytes() + here.bytes(); // what asking costs
    long before = here.bytes();
    for (int i = 0; i < ROUNDS; i++) {
      known += parse.get() == null ? 0 : 1;
    }
    long garbage = here.bytes() - before - counting;
    assertThat(known).isEqualTo(ROUNDS);
    // the smallest object has 8 bytes; less is what the virtual machine does once by the way
    assertThat(garbage / (double) ROUNDS).as("bytes for one").isLessThan(4);
  }
}
