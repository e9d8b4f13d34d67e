package io.faultline.cli.snapshot;

import io.faultline.cli.control.NodeChoice;
import io.faultline.cli.control.NodeControl;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.SnapshotResult;
import io.faultline.cli.report.SnapshotText;
import io.faultline.cli.status.ControlClient;
import io.faultline.cli.status.LiveNode;
import io.faultline.cli.status.StateOption;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.TakeSnapshot;
import io.faultline.qemu.vm.QemuSource;
import io.faultline.snapshot.BackgroundSnapshot;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline snapshot}. */
final class SnapshotRun {
  private final Path file;
  private final boolean replace;
  private final CommandOutput output;

  /**
   * @param file absolute
   */
  SnapshotRun(Path file, boolean replace, CommandOutput output) {
    this.file = file;
    this.replace = replace;
    this.output = output;
  }

  /**
   * The VM of a node, which writes the file.
   *
   * @param socket of the node; null for the only one
   */
  int ofNode(@Nullable Path socket, StateOption state, ResultOutput results) throws IOException {
    Path of =
        socket == null
            ? NodeChoice.of(LiveNode.list(state.directory()), null, null).socket()
            : socket;
    ControlResponse response;
    try (ControlClient client = connect(of)) {
      response = client.ask(request());
    }
    return response.getDone()
        ? finish(JsonMapper.shared().readTree(response.getStatusJson()), results)
        : failed(response.getMessage());
  }

  private static ControlClient connect(Path socket) {
    try {
      return new ControlClient(socket);
    } catch (IOException e) {
      throw new UsageException(
          "--control " + socket + ": " + e.getMessage() + "; see faultline status");
    }
  }

  private ControlRequest request() {
    TakeSnapshot wanted =
        TakeSnapshot.newBuilder().setFile(file.toString()).setReplace(replace).build();
    return ControlRequest.newBuilder().setTakeSnapshot(wanted).build();
  }

  /** The guest of a QEMU: this process writes the file. */
  int ofQemu(Path monitor, ResultOutput results) throws IOException, InterruptedException {
    LinuxKernel kernel = QemuMonitor.kernel(EngineChoice.AUTO);
    String refusal = replace ? null : NodeControl.existing(file);
    if (refusal != null) {
      return failed(refusal);
    }
    try (QemuMonitor qemu = QemuMonitor.open(monitor);
        QemuSource guest = QemuSource.of(kernel, qemu.connection(), output::message)) {
      ObjectNode json = ResultFile.newResult();
      SnapshotOfVm vm = new SnapshotOfVm(guest);
      SnapshotResult.put(
          json, file, new BackgroundSnapshot(guest.snapshotKernel(), vm, file).take());
      return finish(json, results);
    } catch (SnapshotException e) {
      return failed(String.valueOf(e.getMessage()));
    }
  }

  private int failed(String why) {
    output.message(why);
    return ExitCode.SOFTWARE;
  }

  private int finish(JsonNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text((ObjectNode) result));
    if (!output.isQuiet()) {
      SnapshotText.print(result.path("snapshot"), output::print);
    }
    return results.exitCode(ExitCode.OK);
  }
}
