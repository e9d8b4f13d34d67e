package io.faultline.paging;

import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Userfaultfd;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntBiFunction;

/** A kernel that refuses some of the calls of a userfaultfd, before they have any effect. */
final class RefusingUserfaultfd {
  private static final Set<String> CALLS = Set.of("copy", "move", "writeProtect", "poison");

  private RefusingUserfaultfd() {}

  /**
   * @param refusal the errno with which a call, given its name and arguments, fails; 0: it is made
   */
  static Kernel kernel(Kernel kernel, ToIntBiFunction<String, Object[]> refusal) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              Object result = call(method, kernel, arguments);
              return result instanceof Userfaultfd uffd ? userfaultfd(uffd, refusal) : result;
            });
  }

  static Userfaultfd userfaultfd(Userfaultfd uffd, ToIntBiFunction<String, Object[]> refusal) {
    return (Userfaultfd)
        Proxy.newProxyInstance(
            Userfaultfd.class.getClassLoader(),
            new Class<?>[] {Userfaultfd.class},
            (proxy, method, arguments) -> {
              int errno =
                  CALLS.contains(method.getName())
                      ? refusal.applyAsInt(method.getName(), arguments)
                      : 0;
              return errno == 0 ? call(method, uffd, arguments) : FillResult.of(0, errno);
            });
  }

  private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }
}
