package io.faultline.qemu.check;

import io.faultline.qemu.process.GuestRam;
import io.faultline.qemu.process.RamMapping;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpException;
import io.faultline.qemu.qmp.QomProperty;
import io.faultline.qemu.state.ConflictingSettings;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.injection.TracingPermission;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks whether the guest of a running QEMU can be moved. Changes nothing: the guest runs on.
 *
 * <p>Used by one thread at a time, that of the monitor connection.
 */
public final class QemuCheck {
  private static final int LEAST_MAJOR = 5;
  private static final int LEAST_MINOR = 2;
  private static final List<String> DEVICES =
      List.of("/machine/peripheral", "/machine/peripheral-anon");

  private final QmpConnection monitor;
  private final List<QemuFinding> findings = new ArrayList<>();

  private QemuCheck(QmpConnection monitor) {
    this.monitor = monitor;
  }

  /**
   * Checks everything.
   *
   * @throws IOException if QEMU does not answer
   */
  public static List<QemuFinding> run(QmpConnection monitor)
      throws IOException, InterruptedException {
    QemuCheck check = new QemuCheck(monitor);
    check.version();
    check.machine();
    check.capabilities();
    check.settings();
    check.ram();
    check.otherAddressSpaces();
    check.process();
    check.userfaultfd();
    return List.copyOf(check.findings);
  }

  /**
   * Refuses a guest whose devices reach its RAM by another address space than QEMU's: they would
   * read zeros instead of pages that have not arrived.
   *
   * @throws IOException if there is such a device, which the message names, or QEMU does not answer
   */
  public static void requireOwnAddressSpace(QmpConnection monitor)
      throws IOException, InterruptedException {
    QemuCheck check = new QemuCheck(monitor);
    check.otherAddressSpaces();
    for (QemuFinding each : check.findings) {
      if (!each.isFine()) {
        throw new IOException("the guest cannot be moved: its devices " + each.detail());
      }
    }
  }

  private void version() {
    String detail = monitor.version() + ", process " + monitor.pid();
    boolean recent = monitor.version().isAtLeast(LEAST_MAJOR, LEAST_MINOR);
    add(
        "QEMU",
        recent ? null : detail + ": " + LEAST_MAJOR + "." + LEAST_MINOR + " or later is needed",
        detail);
  }

  private void machine() throws IOException, InterruptedException {
    String type = QomProperty.text(monitor, "/machine", "type");
    boolean kvm = monitor.execute("query-kvm").path("enabled").asBoolean(false);
    int vcpus = monitor.execute("query-cpus-fast").size();
    add(
        "machine",
        null,
        type.replaceFirst("-machine$", "")
            + ", "
            + (kvm ? "KVM" : "TCG")
            + ", "
            + vcpus
            + (vcpus == 1 ? " vCPU" : " vCPUs")
            + ": the destination needs the same machine type, devices and -cpu");
  }

  private void capabilities() throws IOException, InterruptedException {
    boolean found = false;
    for (JsonNode each : monitor.execute("query-migrate-capabilities")) {
      found |= each.path("capability").asString("").equals("x-ignore-shared");
    }
    add(
        "x-ignore-shared",
        found ? null : "this QEMU cannot leave shared RAM out of its own migration",
        "shared RAM can be left out of QEMU's own migration");
  }

  private void settings() throws IOException, InterruptedException {
    List<String> conflicting = ConflictingSettings.of(monitor);
    add(
        "migration",
        conflicting.isEmpty() ? null : ConflictingSettings.advice(conflicting),
        "no settings of QEMU's own migration are in the way");
  }

  private void ram() throws InterruptedException, IOException {
    GuestRam ram;
    try {
      ram = GuestRam.of(monitor);
    } catch (IOException e) {
      add("RAM", e.getMessage(), "");
      return;
    }
    String detail = (ram.sizeBytes() >> 20) + " MiB in " + ram.file();
    try {
      RamMapping mapping = RamMapping.find(monitor.pid(), ram.file());
      boolean whole = mapping.lengthBytes() >= ram.sizeBytes();
      add("RAM", whole ? null : detail + ": only a part of it is mapped", detail);
    } catch (IOException e) {
      add("RAM", e.getMessage(), "");
    }
  }

  /** What reaches the RAM by another address space does not fault where we see it. */
  private void otherAddressSpaces() throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    for (String path : DEVICES) {
      for (JsonNode each : list(path)) {
        String type = each.path("type").asString("");
        if (type.contains("vhost-user") || type.contains("vfio") || type.contains("vhost-vdpa")) {
          found.add(each.path("name").asString("") + " (" + type + ")");
        }
      }
    }
    String network =
        monitor
            .execute(
                "human-monitor-command",
                QmpConnection.arguments().put("command-line", "info network"))
            .asString("");
    network
        .lines()
        .filter(line -> line.contains("type=vhost-user") || line.contains("type=vhost-vdpa"))
        .forEach(line -> found.add(line.strip()));
    found.addAll(vfioDescriptors());
    add(
        "devices",
        found.isEmpty()
            ? null
            : "reach the RAM past the userfaultfd: " + String.join("; ", found) + ": remove them",
        "none that reaches the RAM outside QEMU's process (vhost-user, VFIO)");
  }

  private Iterable<JsonNode> list(String path) throws IOException, InterruptedException {
    try {
      return monitor.execute("qom-list", QmpConnection.arguments().put("path", path));
    } catch (QmpException e) {
      return List.of(); // this machine has no such container
    }
  }

  private List<String> vfioDescriptors() {
    List<String> found = new ArrayList<>();
    Path open = Path.of("/proc/" + monitor.pid() + "/fd");
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(open)) {
      for (Path descriptor : descriptors) {
        String target = target(descriptor);
        if (target.startsWith("/dev/vfio/") || target.contains("[vfio")) {
          found.add("open " + target);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // not permitted, which process() says
    }
    return found;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private void process() {
    String problem = null;
    try (PidFd process = PidFd.open(monitor.pid())) {
      if (process == null) {
        problem = "process " + monitor.pid() + " is not in this pid namespace: run Faultline there";
      } else {
        TracingPermission.require(process);
      }
    } catch (SystemCallException e) {
      problem = e.getMessage();
    }
    add("process", problem, "may be traced by this user");
  }

  private void userfaultfd() {
    UserfaultfdAccess access = UserfaultfdAccess.of(monitor.pid());
    add("userfaultfd", access.isPossible() ? null : access.detail(), access.detail());
  }

  private void add(String name, @Nullable String problem, String detail) {
    findings.add(
        problem == null ? QemuFinding.fine(name, detail) : QemuFinding.problem(name, problem));
  }
}
