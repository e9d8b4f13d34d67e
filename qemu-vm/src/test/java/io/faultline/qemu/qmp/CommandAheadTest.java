package io.faultline.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.process.QemuProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** A command that is sent ahead, to real QEMUs whose VM does not run yet. */
class CommandAheadTest {
  private static final String CONT = "cont";

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void isExecutedWhenItIsPostedAndNotBefore(Path program) throws Exception {
    try (QemuProcess qemu = start(program)) {
      QmpConnection monitor = qemu.monitor();
      monitor.post("query-name");
      monitor.postAhead(CONT);
      assertThat(monitor.reply("query-name").isObject()).as("to the command before it").isTrue();
      monitor.post(CONT);
      var _ = monitor.reply(CONT);
      assertThat(status(monitor)).isEqualTo("running");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void isNeverExecutedIfAnotherCommandComesFirst(Path program) throws Exception {
    try (QemuProcess qemu = start(program)) {
      QmpConnection monitor = qemu.monitor();
      monitor.postAhead(CONT);
      assertThat(status(monitor)).isEqualTo("prelaunch");
      monitor.postAhead(CONT);
      monitor.postAhead(CONT);
      ObjectNode arguments = QmpConnection.arguments().put("path", "/machine").put("property", "x");
      assertThat(catchRefusal(monitor, arguments)).contains("qom-get");
      assertThat(status(monitor)).as("after three that were abandoned").isEqualTo("prelaunch");
      var _ = monitor.execute(CONT);
      assertThat(status(monitor)).isEqualTo("running");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultline.qemu.StockQemu#programs")
  void isNeverExecutedIfItsConnectionIsClosed(Path program) throws Exception {
    try (QemuProcess qemu = start(program)) {
      Path socket = qemu.monitor().socket();
      qemu.monitor().postAhead(CONT);
      qemu.monitor().close();
      try (QmpConnection next = QmpConnection.open(socket)) {
        assertThat(status(next)).isEqualTo("prelaunch");
      }
    }
  }

  private static String catchRefusal(QmpConnection monitor, ObjectNode arguments) throws Exception {
    try {
      return monitor.execute("qom-get", arguments).toString();
    } catch (QmpException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String status(QmpConnection monitor) throws Exception {
    return monitor.execute("query-status").path("status").asString();
  }

  private QemuProcess start(Path program) throws Exception {
    List<String> command = new ArrayList<>(StockQemu.command(program, directory.file("ram"), 64));
    command.add("-S");
    return QemuProcess.start(directory.path(), "qemu", command);
  }
}
