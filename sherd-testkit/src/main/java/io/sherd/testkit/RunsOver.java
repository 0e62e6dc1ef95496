package io.sherd.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says over which maps the contract suites in a test class run: its own, and those of the classes nested in it. */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface RunsOver {

    /**
     * Where the maps come from.
     *
     * @return a class with a constructor without parameters
     */
    Class<? extends MapFixtures> value();
}
