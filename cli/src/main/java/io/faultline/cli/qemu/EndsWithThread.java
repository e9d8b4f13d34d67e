package io.faultline.cli.qemu;

import io.faultline.qemu.process.QemuProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A command whose process the kernel kills when the thread that started it ends, however that ends
 * (PR_SET_PDEATHSIG): without this, the SIGKILL of this process would leave it. By setpriv(1) of
 * util-linux, which executes the command in its own process.
 */
final class EndsWithThread {
  private static final String SETPRIV = "setpriv";

  private EndsWithThread() {}

  /** The command; the given one where there is no setpriv. */
  static List<String> command(List<String> of) {
    List<String> all = new ArrayList<>();
    Optional<Path> setpriv = QemuProgram.find(SETPRIV);
    setpriv.ifPresent(program -> all.addAll(List.of(program.toString(), "--pdeathsig", "KILL")));
    all.addAll(of);
    return all;
  }
}
