package dev.kiri.ops.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.ops.admin.AdminRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private final Readiness readiness = new Readiness();

  @Test
  void a_process_is_ready_when_no_task_is_pending() {
    var proxy = readiness.task("proxy");
    var state = readiness.task("state manager");
    proxy.done();

    assertThat(readiness.ready()).isFalse();
    state.done();

    assertThat(readiness.ready()).isTrue();
  }

  @Test
  void a_task_can_become_pending_again() {
    var task = readiness.task("workload proxy manager");
    task.done();
    task.pending("agent went away");

    assertThat(readiness.ready()).isFalse();
    assertThat(readiness.pending()).containsEntry("workload proxy manager", "agent went away");
  }

  @Test
  void the_answer_names_pending_tasks_in_order() throws Exception {
    readiness.task("state manager");
    readiness.task("proxy");

    assertThat(answer()).isEqualTo("500 not ready, pending: proxy, state manager\n");
  }

  @Test
  void a_task_that_gave_a_reason_has_a_line_of_its_own() throws Exception {
    readiness.task("proxy");
    readiness.task("agent").pending("it went away");

    assertThat(answer()).isEqualTo("500 not ready, pending: agent, proxy\nagent: it went away\n");
  }

  @Test
  void the_answer_is_ready_when_all_is_done() throws Exception {
    assertThat(answer()).isEqualTo("200 ready\n");
  }

  @Test
  void what_is_pending_may_be_asked_while_tasks_finish() throws Exception {
    var finishing =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < 2_000; i++) {
                    readiness.task("proxy").done();
                  }
                });
    while (finishing.isAlive()) {
      assertThat(readiness.pending().keySet()).isSubsetOf("proxy");
    }
    finishing.join();

    assertThat(readiness.ready()).isTrue();
  }

  private String answer() throws Exception {
    var request = new AdminRequest("GET", "/healthz/ready", Map.of(), Map.of(), "");
    var response = readiness.handler().handle(request);
    var body = new ByteArrayOutputStream();
    response.body().writeTo(body);
    return response.status() + " " + body.toString(StandardCharsets.UTF_8);
  }
}
