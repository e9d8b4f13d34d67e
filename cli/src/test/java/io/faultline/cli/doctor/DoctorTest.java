package io.faultline.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.dest.DestinationDemand;
import io.faultline.dest.HostMemoryAdmission;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorTest {
  @TempDir Path root;

  @Test
  void rootCanCatchFaultsInTheKernel() {
    UserfaultfdCheck check = check(0, 0, 0);

    assertThat(check.widestScope()).contains(FaultScope.USER_AND_KERNEL);
    assertThat(remedies(check.run())).isEmpty();
  }

  @Test
  void unprivilegedUserGetsTheCommandsThatWidenTheScope() throws IOException {
    file("/dev/userfaultfd", "");
    UserfaultfdCheck check = check(Errno.EPERM, Errno.EACCES, 0);

    assertThat(check.widestScope()).contains(FaultScope.USER_ONLY);
    assertThat(remedies(check.run()))
        .containsExactly(
            "sudo sysctl -w vm.unprivileged_userfaultfd=1", "sudo chmod 666 /dev/userfaultfd");
  }

  @Test
  void deviceSufficesWithoutTheSystemCall() {
    UserfaultfdCheck check = check(Errno.EPERM, 0, 0);

    assertThat(check.widestScope()).contains(FaultScope.USER_AND_KERNEL);
    assertThat(remedies(check.run())).isEmpty();
  }

  @Test
  void seccompFilterOfAContainerIsNamed() {
    UserfaultfdCheck check = check(Errno.EPERM, Errno.ENOENT, Errno.EPERM);

    assertThat(check.widestScope()).isEmpty();
    assertThat(remedies(check.run())).singleElement().asString().contains("seccomp=unconfined");
    assertThat(severities(check.run())).contains(Severity.MISSING);
  }

  @Test
  void ptraceCapabilityIsBit19() throws IOException {
    file("/proc/self/status", "Name:\tjava\nCapEff:\t0000000000080000\n");

    assertThat(UserfaultfdCheck.hasPtrace("000001ffffffffff")).isTrue();
    assertThat(UserfaultfdCheck.hasPtrace("0000000000040000")).isFalse();
    assertThat(check(0, 0, 0).run().findings())
        .contains(Finding.info("CAP_SYS_PTRACE", "in effect"));
  }

  @Test
  void missingFeatureNamesTheKernelThatHasIt() {
    Section section = FeatureCheck.run(EnumSet.complementOf(EnumSet.of(Feature.MOVE)));

    assertThat(section.title()).isEqualTo("Features, 16 of 17");
    assertThat(section.findings()).contains(Finding.missing("MOVE", "since Linux 6.8", ""));
  }

  @Test
  void commandThatEnlargesThePoolKeepsThePagesInUse() {
    HugePagePool pool = new HugePagePool(PageSize.HUGE_2M, 100, 60, 10);

    Finding finding = HugePageCheck.pool("2 MiB", 1024, Optional.of(pool));

    assertThat(finding.detail()).startsWith("50 available of 100");
    assertThat(finding.remedy()).isEqualTo("sudo sysctl -w vm.nr_hugepages=1074");
  }

  @Test
  void poolThatIsLargeEnoughIsOk() {
    HugePagePool pool = new HugePagePool(PageSize.HUGE_1G, 2, 2, 0);

    assertThat(HugePageCheck.pool("1 GiB", 2, Optional.of(pool)).severity()).isEqualTo(Severity.OK);
  }

  @Test
  void otherSystemsAndMachinesAreRefused() {
    assertThat(SystemCheck.system("Mac OS X", "15.1", "aarch64").severity())
        .isEqualTo(Severity.MISSING);
    assertThat(SystemCheck.system("Linux", "6.1", "riscv64").severity())
        .isEqualTo(Severity.MISSING);
    assertThat(SystemCheck.system("Linux", "5.10.0-9", "amd64").severity())
        .isEqualTo(Severity.WARN);
    assertThat(SystemCheck.system("Linux", "5.11.0", "amd64").severity()).isEqualTo(Severity.OK);
  }

  @Test
  void absentAndPresentKvmAreDistinguished() throws IOException {
    KvmCheck kvm = kvm(Optional.of(FaultScope.USER_AND_KERNEL), Optional.empty());

    assertThat(severities(kvm.run())).containsExactly(Severity.MISSING, Severity.OK);
    assertThat(kvm.isUsable()).isFalse();
    file("/dev/kvm", "");
    assertThat(kvm.isUsable()).isTrue();
    assertThat(severities(kvm.run())).containsExactly(Severity.OK, Severity.OK, Severity.OK);
  }

  @Test
  void deviceIsOpenToAGroupThatMayReadAndWriteIt() throws IOException {
    file("/dev/kvm", "");
    SystemFiles files = new SystemFiles(root);
    PosixFileAttributeView view =
        Files.getFileAttributeView(root.resolve("dev/kvm"), PosixFileAttributeView.class);
    String group = view.readAttributes().group().getName();

    view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
    assertThat(files.isOpenToGroup("/dev/kvm", group)).isTrue();
    assertThat(files.isOpenToGroup("/dev/kvm", group + "x")).isFalse();
    view.setPermissions(PosixFilePermissions.fromString("rw-r-----"));
    assertThat(files.isOpenToGroup("/dev/kvm", group)).isFalse();
    assertThat(files.isOpenToGroup("/dev/none", group)).isFalse();
  }

  @Test
  void kvmThatLacksACapabilityIsNotUsable() throws IOException {
    file("/dev/kvm", "");
    KvmCheck kvm =
        kvm(Optional.of(FaultScope.USER_AND_KERNEL), Optional.of("KVM lacks [READONLY_MEM]"));

    assertThat(kvm.isUsable()).isFalse();
    assertThat(kvm.run().findings())
        .contains(Finding.missing("interface", "KVM lacks [READONLY_MEM]", ""));
  }

  @Test
  void kvmDestinationNeedsFaultsInTheKernel() throws IOException {
    file("/dev/kvm", "");
    KvmCheck kvm = kvm(Optional.of(FaultScope.USER_ONLY), Optional.empty());

    assertThat(kvm.isUsable()).as("as a source").isTrue();
    assertThat(severities(kvm.run())).containsExactly(Severity.OK, Severity.OK, Severity.WARN);
    assertThat(remedies(kvm.run()))
        .singleElement()
        .asString()
        .contains("sudo sysctl -w vm.unprivileged_userfaultfd=1")
        .contains("sudo chmod 666 /dev/userfaultfd")
        .contains("CAP_SYS_PTRACE");
    Diagnosis diagnosis =
        new Diagnosis(
            List.of(kvm.run()),
            Optional.empty(),
            Optional.of(FaultScope.USER_ONLY),
            Set.of(),
            true);
    assertThat(diagnosis.verdict().getLast()).contains("sudo sysctl -w vm.unprivileged");
  }

  private KvmCheck kvm(Optional<FaultScope> scope, Optional<String> problem) {
    return new KvmCheck(new SystemFiles(root), scope, () -> problem);
  }

  @Test
  void demoNeedsOnlyFaultsInUserMode() {
    assertThat(diagnosis(Optional.of(FaultScope.USER_ONLY)).demoWorks()).isTrue();
    assertThat(diagnosis(Optional.of(FaultScope.USER_ONLY)).verdict().getFirst())
        .startsWith("demo: yes (faults in user mode only");
    assertThat(diagnosis(Optional.empty()).demoWorks()).isFalse();
    assertThat(diagnosis(Optional.empty()).verdict().getFirst()).startsWith("demo: no");
  }

  @Test
  void textHasNoEscapeSequencesWithoutColours() {
    StringWriter text = new StringWriter();

    new TextReport(new PrintWriter(text), false).print(diagnosis(Optional.empty()));

    assertThat(text.toString()).contains("  missing  thing  gone").contains("-> fix it");
    assertThat(text.toString()).doesNotContain("\033");
  }

  @Test
  void jsonHasTheFindingsAndTheScope() {
    JsonNode json = new JsonMapper().readTree(JsonReport.of(diagnosis(Optional.empty())));

    assertThat(json.get("demo").asBoolean()).isFalse();
    assertThat(json.get("fault_scope").asString()).isEqualTo("none");
    assertThat(json.get("checks").get(0).get("remedy").asString()).isEqualTo("fix it");
  }

  @Test
  void largestVmIsAdmittedAndALargerOneIsNot(@TempDir Path promises) throws Exception {
    long process = ProcessHandle.current().pid();
    file("/proc/meminfo", "MemAvailable:    2097152 kB\n");
    file("/proc/self/status", "RssAnon:\t   61440 kB\n");
    file("/proc/" + process + "/stat", "1 (java) S" + " 0".repeat(18) + " 7 0");
    SystemFiles files = new SystemFiles(root);
    HostMemoryAdmission admission = new HostMemoryAdmission(promises, files);

    String found = detail(MemoryLimitCheck.run(files), "largest VM");
    long mebibytes = Long.parseLong(found.substring(0, found.indexOf(" MiB")).replace(",", ""));

    assertThat(found).contains("MiB, bounded by the memory of this machine (/proc/meminfo");
    assertThat(mebibytes).isBetween(1500L, 1999L);
    admission.admit(anonymousVm(mebibytes)).close();
    assertThatThrownBy(() -> admission.admit(anonymousVm(mebibytes + 1)))
        .isInstanceOf(IncomingVmException.class)
        .hasMessageContaining("it does not fit");
  }

  private static MemoryDemand anonymousVm(long mebibytes) {
    return DestinationDemand.of(Map.of(Backing.ANONYMOUS, mebibytes << 20), 1);
  }

  private static String detail(Section section, String name) {
    return section.findings().stream()
        .filter(each -> each.name().equals(name))
        .map(Finding::detail)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void thisMachineCanBeDiagnosed() {
    Diagnosis diagnosis = Diagnosis.ofThisMachine();

    assertThat(diagnosis.sections()).isNotEmpty();
    assertThat(diagnosis.verdict()).hasSize(2);
    assertThat(diagnosis.features().isEmpty()).isEqualTo(diagnosis.scope().isEmpty());
  }

  private static Diagnosis diagnosis(Optional<FaultScope> scope) {
    Section section = new Section("Things", List.of(Finding.missing("thing", "gone", "fix it")));
    return new Diagnosis(List.of(section), Optional.empty(), scope, Set.of(), false);
  }

  @Test
  void guestThatCannotBeMovedIsAFailure() {
    Diagnosis machine = diagnosis(Optional.of(FaultScope.USER_ONLY));
    Diagnosis fine = machine.with(new Section("QEMU", List.of(Finding.ok("RAM", "64 MiB"))));
    Diagnosis bad =
        machine.with(new Section("QEMU", List.of(Finding.missing("RAM", "not shared", ""))));
    assertThat(fine.isPositive()).isTrue();
    assertThat(fine.verdict().getLast()).endsWith("can be moved");
    assertThat(bad.isPositive()).isFalse();
    assertThat(bad.verdict().getLast()).contains("cannot be moved");
    assertThat(bad.demoWorks()).isTrue();
  }

  @Test
  void monitorThatDoesNotExistIsAFinding() throws InterruptedException {
    Section section = QemuSection.of(root.resolve("no.sock"));
    assertThat(QemuSection.isMovable(section)).isFalse();
    assertThat(section.findings().getFirst().detail()).contains("no.sock");
  }

  private UserfaultfdCheck check(int syscall, int device, int userModeOnly) {
    return new UserfaultfdCheck(
        Map.of(
            OpenPathCheck.SYSCALL,
            syscall,
            OpenPathCheck.DEVICE,
            device,
            OpenPathCheck.USER_MODE_ONLY,
            userModeOnly),
        new SystemFiles(root));
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static List<String> remedies(Section section) {
    return section.findings().stream().map(Finding::remedy).filter(r -> !r.isEmpty()).toList();
  }

  private static List<Severity> severities(Section section) {
    return section.findings().stream().map(Finding::severity).toList();
  }
}
