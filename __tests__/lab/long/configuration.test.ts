import { DEFAULT_KUBERNETES_VERSION } from "../../../constructs/facts/versions";
import { acceptsConfiguration } from "../accepted-configuration";

describe(`Kubernetes ${DEFAULT_KUBERNETES_VERSION}`, () => acceptsConfiguration(DEFAULT_KUBERNETES_VERSION));
