package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.FakeMonitor;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@EnabledOnOs(OS.LINUX)
@Timeout(120)
class VmStartTest {
  @TempDir private Path directory;

  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final List<Long> started = new CopyOnWriteArrayList<>();
  private final PidFd process =
      Objects.requireNonNull(PidFd.open((int) ProcessHandle.current().pid()));

  /** Whether the next {@code cont} ends the connection. */
  private volatile boolean closes;

  private volatile String status = "paused";

  @AfterEach
  void close() {
    process.close();
  }

  @Test
  void monitorThatQemuHasClosedIsOpenedAgain() throws Exception {
    closes = true;
    Path socket = directory.resolve("qmp");
    try (FakeMonitor _ = new FakeMonitor(socket, this::answer);
        QmpConnection monitor = QmpConnection.open(socket)) {
      VmStart start = new VmStart(process, socket, monitor, log::add);
      start.ask();
      start.await(started::add);
    }
    assertThat(started).hasSize(1);
    assertThat(commands)
        .containsExactly("qmp_capabilities", "cont", "qmp_capabilities", "query-status", "cont");
    assertThat(log).singleElement().asString().contains("is asked again");
  }

  @Test
  void vmThatRunsOrHasRunIsNotStartedAgain() throws Exception {
    status = "shutdown";
    Path socket = directory.resolve("qmp");
    try (FakeMonitor _ = new FakeMonitor(socket, this::answer)) {
      new VmStart(process, socket, null, log::add).await(started::add);
    }
    assertThat(started).hasSize(1);
    assertThat(commands).containsExactly("qmp_capabilities", "query-status");
  }

  private String answer(JsonNode command) {
    String name = command.path("execute").asString();
    commands.add(name);
    if (name.equals("cont") && closes) {
      closes = false;
      throw new UncheckedIOException(new IOException("closed"));
    }
    return name.equals("query-status") ? "{\"status\": \"" + status + "\"}" : "{}";
  }
}
