# 账目封存：封签页、明细上的封签。
seals-title = 账目封存
seals-sentence = 新入账的明细分批封存并签名。留有封签的人，能查出此后的任何改动。
seals-heads = 封签
seals-files = 下载核验
seals-ledger = 已封存账目
seals-key = 公钥
seals-check = 自行核验
seals-check-text = 下载同一批次的两个文件，无需联网，也无需本站服务器，运行：
    { $command }
    凡被修改、删除、插入或调换的记录，以及被截去的末尾，都会逐条指出。请抄存公钥，并保留最新的封签文件：日后若有人重写账目，便与它不符。文件中没有任何姓名；交易标识与经办人只以无法猜出的加盐承诺值出现。
seals-empty = 尚无封存。首笔明细入账后约一分钟内封存。
seal-title = 封签
seal-batch = 批次
seal-at = 封存时间
seal-root = 根哈希
seal-place = 第 { $transfer } 笔分录的证明：本批 { $transfers } 笔中的第 { $place } 笔
seal-proof = 下载证明
seal-how = 如何核验
seal-none = 尚未封存；新明细约一分钟内封存。
head-batch = 批次
head-sealed-at = 封存时间
head-transfers = 分录数
head-numbers = 编号
head-root = 根哈希
