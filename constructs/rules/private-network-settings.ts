/** The plain values of what a cluster has beside it in a company's network. */
export interface PrivateNetworkSettings {
  readonly vpcEndpoints?:
    | {
        readonly features: readonly string[];
        readonly existing?: readonly string[];
        readonly except?: readonly string[];
        readonly callers?: readonly string[];
      }
    | undefined;
  readonly privateDns?:
    | {
        readonly zone: string;
        readonly zoneId?: string;
        readonly resolver?: {
          readonly inboundFrom?: readonly string[];
          readonly forward?: Readonly<Record<string, readonly string[]>>;
        };
        readonly externalDns?: boolean;
      }
    | undefined;
}
