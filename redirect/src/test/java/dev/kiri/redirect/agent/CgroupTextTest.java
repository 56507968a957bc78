package dev.kiri.redirect.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Control group paths of the container runtimes.
class CgroupTextTest {
  private static final String UID = "2c48913c-b29f-11e7-9350-020968147796";
  private static final String UNDERSCORED = UID.replace('-', '_');

  @ParameterizedTest
  @CsvSource({
    "/kubepods/burstable/pod%U/9bca8d63d5fa, 9bca8d63d5fa",
    "/kubepods.slice/kubepods-pod%_.slice/docker-9bca8d63d5fa.scope, 9bca8d63d5fa",
    "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod%_.slice/cri-containerd-abc123.scope,"
        + " abc123",
    "/system.slice/containerd.service/kubepods-besteffort-pod%_.slice:cri-containerd:abc123,"
        + " abc123",
    "/../../pod%U/9bca8d63d5fa, 9bca8d63d5fa",
    "/docker/0123456789ab/kubelet/kubepods/pod%U/abc123, abc123",
    "/kubepods.slice/kubepods-pod%_.slice/crio-abc123.scope, abc123"
  })
  void a_pods_uid_is_found_and_has_dashes(String path, String container) throws Exception {
    var text = "0::" + path.replace("%U", UID).replace("%_", UNDERSCORED);

    assertThat(CgroupText.parse(text)).isEqualTo(new CgroupText(UID, container));
  }

  @Test
  void a_crio_path_may_name_a_container_only() throws Exception {
    assertThat(
            CgroupText.parse(
                "0::/../crio-45490e76e0878aaa4d9808f7d2eefba37f093c3efbba9838b6d8ab804d9bd814.scope"))
        .isEqualTo(
            new CgroupText("", "45490e76e0878aaa4d9808f7d2eefba37f093c3efbba9838b6d8ab804d9bd814"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0::/", "0::/user.slice", "12:cpu:/init.scope\n0::/"})
  void other_processes_belong_to_no_pod(String text) throws Exception {
    assertThat(CgroupText.parse(text)).isNull();
  }

  @Test
  void a_text_that_contradicts_itself_is_refused() {
    var other = UID.replace('2', '3');
    assertThatThrownBy(() -> CgroupText.parse("2:a:/pod%s/aaa\n1:b:/pod%s/bbb".formatted(UID, UID)))
        .isInstanceOf(IOException.class)
        .hasMessage("multiple container IDs found in cgroups (aaa, bbb)");
    assertThatThrownBy(
            () -> CgroupText.parse("2:a:/pod%s/aaa\n1:b:/pod%s/aaa".formatted(UID, other)))
        .hasMessageStartingWith("multiple pod UIDs found in cgroups");
    assertThatThrownBy(() -> CgroupText.parse("nonsense")).isInstanceOf(IOException.class);
  }
}
