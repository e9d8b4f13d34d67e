package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MemoryRegistrationTest {
  private final SimulatedKernel kernel = new SimulatedKernel();

  @Test
  void placementSaysWhichFaultsAreRead() {
    try (MemoryRegion anonymous = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096);
        MemoryRegion shared = MemoryRegion.map(kernel, 1, "shared", Backing.SHMEM, 4096)) {
      assertThat(MemoryRegistration.modes(Placement.COPY)).containsExactly(RegisterMode.MISSING);
      assertThat(MemoryRegistration.features(List.of(anonymous), Placement.COPY)).isEmpty();
      assertThat(MemoryRegistration.features(List.of(anonymous, shared), Placement.COPY))
          .containsExactly(Feature.MISSING_SHMEM);
      assertThat(MemoryRegistration.modes(Placement.CONTINUE))
          .containsExactlyInAnyOrder(RegisterMode.MISSING, RegisterMode.MINOR);
      assertThat(MemoryRegistration.features(List.of(shared), Placement.CONTINUE))
          .containsExactlyInAnyOrder(Feature.MISSING_SHMEM, Feature.MINOR_SHMEM);
    }
  }

  @Test
  void memoryCanBeRegisteredAgainOnceItIsClosed() {
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096)) {
      List<MemoryRegion> regions = List.of(ram);
      try (MemoryRegistration first = MemoryRegistration.open(kernel, regions, Placement.COPY)) {
        assertThat(first.regions()).containsExactly(ram);
        assertThatThrownBy(() -> MemoryRegistration.open(kernel, regions, Placement.COPY))
            .hasMessageContaining("EBUSY");
      }
      MemoryRegistration.open(kernel, regions, Placement.COPY).close();
    }
  }

  /** Closing it would close it in the process of the VM, which would find zeros. */
  @Test
  void takeOverThatFailsClosesTheUserfaultfdHereOnly() {
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096)) {
      List<String> calls = new ArrayList<>();
      Kernel refusing = refusingToRegister(calls);
      assertThatThrownBy(() -> MemoryRegistration.takeOver(refusing, List.of(ram), Placement.COPY))
          .hasMessageContaining("refused");
      assertThat(calls)
          .containsExactly("openUserfaultfd", "openPagemap", "openTransferPagemap", "detach");
      calls.clear();
      assertThatThrownBy(() -> MemoryRegistration.open(refusing, List.of(ram), Placement.COPY))
          .hasMessageContaining("refused");
      assertThat(calls).endsWith("openTransferPagemap", "close");
    }
  }

  @Test
  void registrationOfATakeOverIsDetachedUnlessItsPagesHaveArrived() {
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096)) {
      List<String> calls = new ArrayList<>();
      MemoryRegistration taken =
          MemoryRegistration.takeOver(registering(calls), List.of(ram), Placement.COPY);
      assertThat(calls).endsWith("openTransferPagemap", "register");
      taken.detach();
      assertThat(calls).endsWith("register", "detach");
      taken.giveUp();
      assertThat(calls).endsWith("detach", "detach");
      taken.close();
      assertThat(calls).endsWith("detach", "unregister", "close");
    }
  }

  /** Records how its userfaultfd ends. */
  private Kernel registering(List<String> calls) {
    return withUserfaultfd(
        calls,
        call -> {
          calls.add(call);
          return null;
        });
  }

  private Kernel refusingToRegister(List<String> calls) {
    return withUserfaultfd(
        calls,
        call -> {
          if (call.equals("register")) {
            throw new IllegalStateException("refused");
          }
          calls.add(call);
          return null;
        });
  }

  private Kernel withUserfaultfd(
      List<String> calls, Function<String, @Nullable Object> userfaultfd) {
    return (Kernel)
        proxy(
            Kernel.class,
            (_, method, arguments) -> {
              calls.add(method.getName());
              return method.getName().equals("openUserfaultfd")
                  ? proxy(Userfaultfd.class, (_, of, _) -> userfaultfd.apply(of.getName()))
                  : method.invoke(kernel, arguments);
            });
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }
}
