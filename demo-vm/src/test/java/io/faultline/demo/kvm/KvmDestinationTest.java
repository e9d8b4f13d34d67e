package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.demo.kvm.linux.CpuidEntry;
import io.faultline.demo.kvm.linux.Msrs;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A VM that cannot run here is refused before it is paused at the source, with what is missing. */
final class KvmDestinationTest {
  private static final KvmVmConfig CONFIG = TestKvmVms.endless(Workload.UNIFORM, 2, 61);

  @Test
  void hostLacksNothingOfItsOwnProfile() {
    try (KvmHost host = TestKvmVms.host()) {
      assertThat(HostCheck.missing(host.profile(), host.profile())).isEmpty();
    }
  }

  @Test
  void missingProcessorFeatureIsNamed() throws Exception {
    assertRefused(
        profile ->
            with(
                profile,
                profile.cpuid().stream()
                    .map(e -> e.function() == 1 ? e.withEcx(e.ecx() | 1 << 26 | 1 << 28) : e)
                    .toList()),
        "the processor feature avx (CPUID 0x1.0 ECX bit 28)");
    assertRefused(
        profile ->
            with(
                profile,
                profile.cpuid().stream()
                    .map(e -> e.function() == 0x80000007 ? e.withEdx(e.edx() | 1 << 27) : e)
                    .toList()),
        "CPUID 0x80000007.0 EDX bit 27");
  }

  @Test
  void missingCapabilityIsNamed() throws Exception {
    assertRefused(
        profile ->
            new HostProfile(
                Set.of("READONLY_MEM", "TIME_TRAVEL"),
                profile.cpuid(),
                profile.msrs(),
                profile.tscKhz(),
                false,
                profile.xsaveBytes()),
        "the KVM capability TIME_TRAVEL");
  }

  @Test
  void missingModelSpecificRegisterIsNamed() throws Exception {
    assertRefused(
        profile -> {
          Set<Integer> msrs = new HashSet<>(profile.msrs());
          msrs.add(0xc0de);
          return new HostProfile(
              profile.capabilities(),
              profile.cpuid(),
              msrs,
              profile.tscKhz(),
              false,
              profile.xsaveBytes());
        },
        Msrs.name(0xc0de));
  }

  @Test
  void tscOfAnotherFrequencyNeedsScaling() {
    try (KvmHost host = TestKvmVms.host()) {
      HostProfile own = host.profile();
      for (boolean scales : new boolean[] {false, true}) {
        HostProfile here = tsc(own, own.tscKhz(), scales);
        assertThat(HostCheck.missing(tsc(own, own.tscKhz() / 2, false), here))
            .hasSize(scales ? 0 : 1)
            .allMatch(missing -> missing.startsWith("TSC scaling"));
      }
    }
  }

  @Test
  void vmOfAnotherTypeOrWithOtherRegionsIsRefused() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(CONFIG, line -> {})) {
      List<AnnouncedRegion> announced = TestKvmVms.announced(vm);
      assertRefused(host, null, "simulated", vm.configuration(), announced, "'simulated'");
      assertRefused(
          host, null, "kvm", vm.configuration(), announced.subList(0, 2), "announced [Announced");
      assertRefused(
          host, Backing.HUGETLB_2M, "kvm", vm.configuration(), announced, "the same backing");
      assertRefused(
          host, null, "kvm", ByteString.copyFromUtf8("not a message"), announced, "configuration");
    }
  }

  @Test
  void vmWithoutItsPageTablesCannotContinueWithLostPages() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(CONFIG, line -> {});
        KvmDestination destination = new KvmDestination(host, null, line -> {})) {
      List<MemoryRegion> regions =
          destination.prepare("kvm", vm.configuration(), TestKvmVms.announced(vm));
      List<PageBitmap> lost =
          regions.stream().map(region -> new PageBitmap(region.basePageCount())).toList();
      assertThatThrownBy(() -> destination.lose(lost))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("page tables are missing");
    }
  }

  @Test
  void refusalOfKernelFaultsNamesTheCommandsThatAllowThem() {
    assertThat(KernelFaults.problem(new SystemCallException("userfaultfd", Errno.EPERM)))
        .contains("are taken in the kernel")
        .contains("EPERM")
        .contains("sudo sysctl -w vm.unprivileged_userfaultfd=1")
        .contains("sudo chmod 666 /dev/userfaultfd")
        .contains("CAP_SYS_PTRACE");
    assertThat(KernelFaults.problem(new SystemCallException("userfaultfd", Errno.ENOSYS)))
        .contains("ENOSYS")
        .doesNotContain("sudo");
  }

  @Test
  void simulatedKernelIsRefused() {
    assertThatThrownBy(() -> KvmHost.open(new SimulatedKernel()).close())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("--engine kernel");
  }

  /** As if the VM came from a host that offers more than this one. */
  private static void assertRefused(UnaryOperator<HostProfile> extended, String reason)
      throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmVm vm = host.create(CONFIG, line -> {})) {
      KvmConfigMessage config = new KvmConfigMessage(CONFIG, extended.apply(host.profile()));
      assertRefused(host, null, "kvm", config.encode(), TestKvmVms.announced(vm), reason);
    }
  }

  private static void assertRefused(
      KvmHost host,
      @Nullable Backing backing,
      String type,
      ByteString configuration,
      List<AnnouncedRegion> announced,
      String reason) {
    try (KvmDestination destination = new KvmDestination(host, backing, line -> {})) {
      assertThatThrownBy(() -> destination.prepare(type, configuration, announced))
          .isInstanceOf(IncomingVmException.class)
          .hasMessageContaining(reason);
      assertThat(destination.vm()).isEmpty();
    }
  }

  private static HostProfile with(HostProfile profile, List<CpuidEntry> cpuid) {
    return new HostProfile(
        profile.capabilities(),
        cpuid,
        profile.msrs(),
        profile.tscKhz(),
        false,
        profile.xsaveBytes());
  }

  private static HostProfile tsc(HostProfile profile, int khz, boolean scales) {
    return new HostProfile(
        profile.capabilities(), profile.cpuid(), profile.msrs(), khz, scales, profile.xsaveBytes());
  }
}
