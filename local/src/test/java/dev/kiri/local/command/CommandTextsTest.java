package dev.kiri.local.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.local.store.ObjectKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What users type.
class CommandTextsTest {
  @Test
  void reads_durations() {
    assertThat(Durations.parse("1m30s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(Durations.parse("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(Durations.parse("5")).isEqualTo(Duration.ofSeconds(5));
    assertThatThrownBy(() -> Durations.parse("soon"))
        .isInstanceOf(NotUnderstood.class)
        .hasMessageContaining("accepted: 30s");
  }

  @Test
  void reads_kinds_in_any_spelling() {
    assertThat(ObjectNames.key("svc", "shop/web", "default"))
        .isEqualTo(ObjectKey.of("Service", "shop", "web"));
    assertThat(ObjectNames.key("AuthorizationPolicies", "p", "shop"))
        .isEqualTo(ObjectKey.of("AuthorizationPolicy", "shop", "p"));
    assertThat(ObjectNames.key("no", "node-1", "default").namespace()).isEmpty();
    assertThatThrownBy(() -> ObjectNames.kind("thing"))
        .hasMessageContaining("accepted: ")
        .hasMessageContaining("Gateway");
  }

  @Test
  void reads_published_ports() {
    assertThat(Published.parse("8080:shop/web:80"))
        .isEqualTo(new Published("127.0.0.1", 8080, "shop", "web", 80));
    assertThat(Published.parse("[::1]:8080:shop/web:80").address()).isEqualTo("::1");
    assertThatThrownBy(() -> Published.parse("8080:web:80")).hasMessageContaining("accepted: ");
    assertThatThrownBy(() -> Published.parse("99999:shop/web:80"))
        .hasMessageContaining("accepted: ");
  }
}
