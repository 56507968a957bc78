package dev.kiri.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.it.endtoend.SuiteMesh.Answer;
import java.util.List;

/// The suite's cases for changes to a request's headers, by rule and by backend alike.
final class SuiteHeaders {
  /// Path; change.
  static final String[] MODIFIERS = {
    "/set; set: [{name: X-Header-Set, value: set-overwrites-values}]",
    "/add; add: [{name: X-Header-Add, value: add-appends-values}]",
    "/remove; remove: [X-Header-Remove]",
    "/multiple; set: [{name: X-Header-Set-1, value: header-set-1}, {name: X-Header-Set-2, value:"
        + " header-set-2}], add: [{name: X-Header-Add-1, value: header-add-1}, {name:"
        + " X-Header-Add-2, value: header-add-2}, {name: X-Header-Add-3, value: header-add-3}],"
        + " remove: [X-Header-Remove-1, X-Header-Remove-2]",
    "/case-insensitivity; set: [{name: X-Header-Set, value: header-set}], add: [{name:"
        + " X-Header-Add, value: header-add}, {name: x-lowercase-add, value: lowercase-add}, {name:"
        + " X-UPPERCASE-ADD, value: uppercase-add}], remove: [X-Header-Remove]"
  };

  /// What is asked, in curl's words.
  static final String[] REQUESTS = {
    "http://echo/set",
    "-H 'X-Header-Set: some-other-value' http://echo/set",
    "http://echo/add",
    "-H 'X-Header-Add: some-other-value' http://echo/add",
    "-H 'X-Header-Remove: val' http://echo/remove",
    "-H 'X-Header-Set-2: set-val-2' -H 'X-Header-Add-2: add-val-2' -H 'X-Header-Remove-2:"
        + " remove-val-2' -H 'Another-Header: another-header-val' http://echo/multiple",
    "-H 'x-header-set: original-val-set' -H 'x-header-add: original-val-add' -H"
        + " 'x-header-remove: original-val-remove' -H 'Another-Header: another-header-val'"
        + " http://echo/case-insensitivity"
  };

  private SuiteHeaders() {}

  /// What the endpoint saw of each of [#REQUESTS].
  static void areModified(List<Answer> seen) {
    assertThat(seen).extracting(Answer::version).containsOnly("v1");
    assertThat(seen.get(0).sent("x-header-set")).isEqualTo("set-overwrites-values");
    assertThat(seen.get(1).sent("x-header-set")).isEqualTo("set-overwrites-values");
    assertThat(seen.get(2).sent("x-header-add")).isEqualTo("add-appends-values");
    assertThat(seen.get(3).sent("x-header-add")).isEqualTo("some-other-value,add-appends-values");
    assertThat(seen.get(4).sent("x-header-remove")).isEmpty();
    Answer multiple = seen.get(5);
    assertThat(
            List.of("set-1", "set-2", "add-1", "add-2", "add-3", "remove-1", "remove-2").stream()
                .map(name -> multiple.sent("x-header-" + name)))
        .containsExactly(
            "header-set-1",
            "header-set-2",
            "header-add-1",
            "add-val-2,header-add-2",
            "header-add-3",
            "",
            "");
    assertThat(multiple.sent("another-header")).isEqualTo("another-header-val");
    Answer cases = seen.get(6);
    assertThat(cases.sent("x-header-set")).isEqualTo("header-set");
    assertThat(cases.sent("x-header-add")).isEqualTo("original-val-add,header-add");
    assertThat(cases.sent("x-lowercase-add")).isEqualTo("lowercase-add");
    assertThat(cases.sent("x-uppercase-add")).isEqualTo("uppercase-add");
    assertThat(cases.sent("x-header-remove")).isEmpty();
  }
}
