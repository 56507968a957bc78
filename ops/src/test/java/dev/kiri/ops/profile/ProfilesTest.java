package dev.kiri.ops.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesTest {
  private final Profiles profiles = new Profiles();

  @Test
  void a_recording_of_a_second_can_be_read(@TempDir Path folder) throws Exception {
    var answer = profiles.cpu().handle(request(Map.of("seconds", List.of("1"))));

    assertThat(answer.status()).isEqualTo(200);
    var file = Files.write(folder.resolve("profile.jfr"), body(answer));
    try (var recording = new RecordingFile(file)) {
      assertThat(recording.readEventTypes())
          .anyMatch(t -> t.getName().equals("jdk.ExecutionSample"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "seconds, 0, invalid seconds value; expected 1-300",
    "seconds, 301, invalid seconds value; expected 1-300",
    "seconds, long, invalid seconds value; expected 1-300",
    "frequency, 0, invalid frequency value; expected 1-1000",
    "frequency, 1001, invalid frequency value; expected 1-1000"
  })
  void what_cannot_be_recorded_is_refused(String name, String value, String expected)
      throws Exception {
    var answer = profiles.cpu().handle(request(Map.of(name, List.of(value))));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(new String(body(answer), StandardCharsets.UTF_8)).isEqualTo(expected + "\n");
  }

  @Test
  void the_heap_is_told_by_class() throws Exception {
    var answer = profiles.heap().handle(request(Map.of()));

    assertThat(new String(body(answer), StandardCharsets.UTF_8)).contains("java.lang.String");
  }

  private static AdminRequest request(Map<String, List<String>> query) {
    return new AdminRequest("GET", "/debug/pprof/profile", query, Map.of(), "");
  }

  private static byte[] body(AdminResponse answer) throws IOException {
    var out = new ByteArrayOutputStream();
    answer.body().writeTo(out);
    return out.toByteArray();
  }
}
