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
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
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
          .containsExactly("openPagemap", "openTransferPagemap", "openUserfaultfd", "detach");
      calls.clear();
      assertThatThrownBy(() -> MemoryRegistration.open(refusing, List.of(ram), Placement.COPY))
          .hasMessageContaining("refused");
      assertThat(calls).endsWith("openUserfaultfd", "close");
    }
  }

  @Test
  void registrationOfATakeOverIsDetachedUnlessItsPagesHaveArrived() {
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096)) {
      MemoryRegistration left = MemoryRegistration.open(kernel, List.of(ram), Placement.COPY);
      List<String> calls = new ArrayList<>();
      Userfaultfd recorded = recording(Userfaultfd.class, left.userfaultfd(), calls);
      MemoryRegistration taken =
          new MemoryRegistration(
              left.regions(), recorded, left.pagemap(), left.transferPagemap(), true);
      taken.detach();
      taken.giveUp();
      assertThat(calls).containsExactly("detach", "detach");
      calls.clear();
      taken.close();
      assertThat(calls).containsExactly("unregister", "close");
    }
  }

  private Kernel refusingToRegister(List<String> calls) {
    return (Kernel)
        proxy(
            Kernel.class,
            (_, method, arguments) -> {
              calls.add(method.getName());
              return method.getName().equals("openUserfaultfd")
                  ? proxy(Userfaultfd.class, (_, of, _) -> refuseToRegister(of, calls))
                  : method.invoke(kernel, arguments);
            });
  }

  private static @Nullable Object refuseToRegister(Method call, List<String> calls) {
    if (call.getName().equals("register")) {
      throw new IllegalStateException("refused");
    }
    calls.add(call.getName());
    return null;
  }

  private static <T> T recording(Class<T> type, T to, List<String> calls) {
    return type.cast(
        proxy(
            type,
            (_, method, arguments) -> {
              calls.add(method.getName());
              return method.invoke(to, arguments);
            }));
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }
}
