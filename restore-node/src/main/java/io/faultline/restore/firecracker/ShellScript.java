package io.faultline.restore.firecracker;

import io.faultline.uffd.linux.process.DetachedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Scripts in processes of their own that continue when this process is killed. */
enum ShellScript {
  /** Kills VMs if the handler was killed. */
  GUARD("vm-guard.sh", "uffd-handler-guard"),
  /** Keeps a VM's userfaultfd open until the VM exits. */
  HOLDER("vm-holder.sh", "uffd-handler-holder");

  private static final Path SHELL = Path.of("/bin/sh");

  private final String resource;
  private final String shownName;

  ShellScript(String resource, String shownName) {
    this.resource = resource;
    this.shownName = shownName;
  }

  /** Starts it with arguments, and with a copy of a descriptor. */
  DetachedProcess start(List<String> arguments, int descriptor) {
    List<String> all = new ArrayList<>(List.of("sh", "-c", text(), shownName));
    all.addAll(arguments);
    return DetachedProcess.start(SHELL, all, descriptor);
  }

  private String text() {
    try (InputStream in = ShellScript.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
