package dev.kiri.waypoint.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tables of the Gateway API: HTTPPathModifier and HTTPRequestRedirectFilter.
class RewriteAndRedirectTest {
  @ParameterizedTest
  @CsvSource({
    "/foo/bar, /foo, /xyz, /xyz/bar",
    "/foo/bar, /foo, /xyz/, /xyz/bar",
    "/foo/bar, /foo/, /xyz, /xyz/bar",
    "/foo/bar, /foo/, /xyz/, /xyz/bar",
    "/foo, /foo, /xyz, /xyz",
    "/foo/, /foo, /xyz, /xyz/",
    "/foo/bar, /foo, '', /bar",
    "/foo/, /foo, '', /",
    "/foo, /foo, '', /",
    "/foo/, /foo, /, /",
    "/foo, /foo, /, /",
    "/foo/bar, /foo, /, /bar"
  })
  void a_prefix_is_exchanged(String path, String prefix, String replacement, String expected) {
    var rewrite = new PathRewrite.Prefix(replacement);

    assertThat(rewrite.apply(path, new PathMatch.Prefix(prefix))).isEqualTo(expected);
  }

  @Test
  void the_location_follows_scheme_port_and_host() {
    assertThat(location(null, "example.org", 0, 80)).isEqualTo("http://example.org/p?q=1");
    assertThat(location(null, "example.org", 0, 8080)).isEqualTo("http://example.org:8080/p?q=1");
    assertThat(location("https", null, 0, 80)).isEqualTo("https://host/p?q=1");
    assertThat(location("http", null, 8083, 80)).isEqualTo("http://host:8083/p?q=1");
    assertThat(location(null, null, 443, 80)).isEqualTo("http://host:443/p?q=1");
  }

  private static String location(
      @Nullable String scheme, @Nullable String hostname, int port, int servicePort) {
    return new Redirect(scheme, hostname, null, port, Redirect.PortRule.SCHEME_OR_SERVICE, 302)
        .location("http", "host:1234", servicePort, "/p", "q=1", new PathMatch.Prefix("/"));
  }
}
